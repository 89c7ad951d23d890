import { useRoute } from 'preact-iso'
import { DataSection } from './data/data-section.tsx'
import { KeysSection } from './keys/keys-section.tsx'
import { PreferencesSection } from './preferences/preferences-section.tsx'
import { SECTIONS, type SectionName } from './sections.ts'
import { SessionsSection } from './sessions/sessions-section.tsx'
import { SystemSection } from './system/system-section.tsx'
import { WorkloadsSection } from './workloads/workloads-section.tsx'

const CONTENT: Readonly<Record<SectionName, () => preact.JSX.Element>> = {
  keys: KeysSection,
  data: DataSection,
  workloads: WorkloadsSection,
  sessions: SessionsSection,
  system: SystemSection,
  preferences: PreferencesSection,
}

/** Settings: what the organisation decides, who may sign in, how this browser shows things. */
export default function SettingsPage() {
  const { params } = useRoute()
  const section = SECTIONS.find(({ name }) => name === params['section'])
  const Content = section === undefined ? NoSuchSection : CONTENT[section.name]
  return (
    <div class="settings">
      <nav aria-label="Settings">
        <ul>
          {SECTIONS.map(({ name, label }) => (
            <li key={name}>
              <a
                href={`/ui/settings/${name}`}
                aria-current={name === section?.name ? 'page' : undefined}
              >
                {label}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="section" key={section?.name}>
        <h1>{section?.label ?? 'Settings'}</h1>
        <Content />
      </div>
    </div>
  )
}

function NoSuchSection() {
  return (
    <p>
      There is no such section. <a href="/ui/settings/keys">API Keys</a> is the first one.
    </p>
  )
}
