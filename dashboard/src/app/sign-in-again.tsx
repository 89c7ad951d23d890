import { useLocation } from 'preact-iso'
import { SignInForm, useSignIn } from '../pages/sign-in/sign-in-form.tsx'
import { Dialog } from '../parts/dialog.tsx'

/** Over the page whose session has ended: it goes on at the same address once one is in again. */
export function SignInAgain() {
  const { url } = useLocation()
  return (
    <Dialog title="Sign in again" onClose={() => {}}>
      <SignInForm by={useSignIn()} next={url} />
    </Dialog>
  )
}
