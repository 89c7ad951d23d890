import type { ComponentChildren, ComponentType, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/**
 * A component of another chunk, loaded when it is first there; `meanwhile` is shown until then. The
 * rest of the page does not wait for it, as it would within a `lazy` of the router.
 */
export function lazily<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  meanwhile: ComponentChildren,
): (props: Props & JSX.IntrinsicAttributes) => JSX.Element {
  let loaded: ComponentType<Props> | undefined
  return function Lazily(props) {
    const [Component, show] = useState(() => loaded)
    useEffect(() => {
      if (Component !== undefined) return
      let isLeft = false
      load().then((component) => {
        loaded = component
        if (!isLeft) show(() => component)
      }, undefined)
      return () => {
        isLeft = true
      }
    }, [Component])
    return Component === undefined ? <>{meanwhile}</> : <Component {...props} />
  }
}
