import { useLocation } from 'preact-iso'
import { me, nameOf, session, signOut } from '../api/session.ts'
import { Icon } from '../parts/icon.tsx'
import { Menu, MenuItem } from '../parts/menu.tsx'
import { VisibleText } from '../parts/visible-text.tsx'
import { switchTheme } from '../state/theme.ts'
import { useQuery } from '../state/url.ts'
import { isOfLink, zoneOf } from '../state/zone.ts'
import { FindId } from './find-id.tsx'
import { isHelpOpen } from './help.tsx'
import { PLACES } from './places.ts'

export function TopBar() {
  const { path } = useLocation()
  const { query } = useQuery()
  const who = me.value
  const range = rangeOnly(query)
  return (
    <header class="top-bar">
      <a class="brand" href="/ui/overview">
        Flint
      </a>
      <span class="organisation ellipsis">{who?.org.name ?? who?.org.id}</span>
      <nav aria-label="Pages">
        <ul>
          {PLACES.map(({ path: place, label }) => (
            <li key={place}>
              <a
                href={place + (place.startsWith('/ui/settings') ? '' : range)}
                aria-current={path.startsWith(section(place)) ? 'page' : undefined}
              >
                {label}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="end">
        <FindId />
        <a class="button quiet" href="/ui/settings/preferences" title="Time zone of this page">
          {zoneOf(query)}
          {isOfLink(query) && <span class="muted"> of the link</span>}
        </a>
        <button
          type="button"
          class="button quiet"
          aria-label="Keys and help"
          title="Keys and help (?)"
          onClick={() => {
            isHelpOpen.value = true
          }}
        >
          <Icon name="circle-help" />
        </button>
        <Menu quiet name="Account" label={<Icon name="user-round" />}>
          {(close) => (
            <>
              <div class="body small muted">
                <VisibleText text={nameOf(who) ?? ''} />
                <br />
                {session.value?.endsAt && `Session ends ${session.value.endsAt.slice(11, 16)} UTC`}
              </div>
              <MenuItem
                onClick={() => {
                  switchTheme()
                  close()
                }}
              >
                Switch theme
              </MenuItem>
              <MenuItem onClick={() => void signOut()}>Sign out</MenuItem>
            </>
          )}
        </Menu>
      </div>
    </header>
  )
}

/** The range goes along from page to page, filters do not. */
function rangeOnly(query: URLSearchParams): string {
  const kept = new URLSearchParams()
  for (const name of ['last', 'from', 'to', 'tz']) {
    const value = query.get(name)
    if (value !== null) kept.set(name, value)
  }
  return kept.size === 0 ? '' : `?${kept}`
}

function section(place: string): string {
  return place.split('/').slice(0, 3).join('/')
}
