import { render } from 'preact'
import { App } from './app/app.tsx'
import { followPreferences } from './state/preferences.ts'
import { followInput } from './state/presence.ts'

const root = document.getElementById('app')
if (root === null) throw new Error('index.html has no element #app')
followPreferences()
followInput()
render(<App />, root)
