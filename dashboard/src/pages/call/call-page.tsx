import { CallView } from './call-summary.tsx'
import { useCall } from './use-call.ts'

export default function CallPage({ id }: { id: string }) {
  const call = useCall(id)
  return <CallView requestId={id} call={call} heading="h1" />
}
