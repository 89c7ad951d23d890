export default function CallPage() {
  return <h1>Call</h1>
}
