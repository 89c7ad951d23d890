import { copyText } from '../../parts/copy.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Menu, MenuItem } from '../../parts/menu.tsx'
import { asCurl } from './as-curl.ts'

/** The list elsewhere: in a shell, as a link. */
export function MoreMenu({
  query,
  exactLink,
  relativeLink,
}: {
  query: URLSearchParams
  exactLink: string
  /** null: the range does not end now. */
  relativeLink: string | null
}) {
  return (
    <Menu name="Copy this list" label={<Icon name="ellipsis" />}>
      {(close) => {
        const copy = (text: string, what: string) => () => {
          close()
          void copyText(text, what)
        }
        return (
          <>
            <MenuItem onClick={copy(asCurl(location.origin, '/audit', query), 'command')}>
              Copy as curl
            </MenuItem>
            <MenuItem onClick={copy(exactLink, 'link')}>Copy link to this exact window</MenuItem>
            {relativeLink !== null && (
              <MenuItem onClick={copy(relativeLink, 'link')}>Copy link that stays recent</MenuItem>
            )}
          </>
        )
      }}
    </Menu>
  )
}
