import { CopyButton } from '../../parts/copy.tsx'
import { TabPanel, Tabs } from '../../parts/tabs.tsx'
import { useQuery } from '../../state/url.ts'
import { MakeKey } from './make-key.tsx'
import { NewestCall } from './newest-call.tsx'
import { LANGUAGES, type LanguageName, PROVIDERS, type ProviderName, snippet } from './snippets.ts'

/** From nothing to a first recorded call: a key, a snippet for this origin, the call itself. */
export function FirstRun() {
  return (
    <div class="first-run">
      <MakeKey />
      <Snippet />
      <NewestCall />
    </div>
  )
}

/** The choice is in the URL, under names that no filter of calls has. */
function Snippet() {
  const { query, replace } = useQuery()
  const provider = nameIn(PROVIDERS, query.get('sdk'))
  const language = nameIn(LANGUAGES, query.get('language'))
  const code = snippet(provider, language, location.origin)
  return (
    <section class="panel" aria-labelledby="snippet">
      <h2 id="snippet">2. Send a call through Flint</h2>
      <div class="toolbar">
        <Tabs<ProviderName>
          label="Provider"
          panel="snippet-code"
          tabs={PROVIDERS}
          value={provider}
          onChange={(name) => replace({ sdk: name })}
        />
        <Tabs<LanguageName>
          label="Language"
          panel="snippet-code"
          tabs={LANGUAGES}
          value={language}
          onChange={(name) => replace({ language: name })}
        />
        <div class="end">
          <CopyButton text={code} what="code">
            Copy
          </CopyButton>
        </div>
      </div>
      <TabPanel id="snippet-code" label={`${provider}, ${language}`}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without it keys could not scroll it. */}
        <pre class="snippet" tabIndex={0}>
          {code}
        </pre>
      </TabPanel>
      <p class="small muted">
        Both keys come from the environment. Your provider key is forwarded and never stored. Other
        SDKs, agents and frameworks need no more than the base URL and the Flint key.
      </p>
    </section>
  )
}

function nameIn<N extends string>(known: readonly { readonly name: N }[], asked: string | null): N {
  const [first] = known
  const found = known.find(({ name }) => name === asked) ?? first
  if (found === undefined) throw new Error('there is no tab')
  return found.name
}
