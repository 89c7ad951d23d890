import type { Command } from 'commander'
import { findEnvoy } from '../../envoy/find-envoy.ts'
import { renderFragment } from '../../envoy/mesh/plain-envoy.ts'
import { writePublicSecrets } from '../../envoy/public-tls.ts'
import { renderBootstrap } from '../../envoy/render-bootstrap.ts'
import { loadConfig } from '../config/load.ts'
import { publicTls } from '../config/public-listener.ts'
import { installation, say } from './running-flint.ts'

export function addEnvoyCommands(program: Command): void {
  const envoy = program.command('envoy').description('Envoy: its configuration and its binary')
  envoy
    .command('config')
    .description('print the bootstrap that Flint runs Envoy with')
    .option('--mesh', 'what another Envoy needs to capture calls that pass it')
    .action(({ mesh = false }: { mesh?: boolean }) => {
      if (mesh) {
        process.stdout.write(renderFragment(loadConfig(process.env).config))
        return
      }
      const here = installation()
      const tls = publicTls(here.config)
      if (tls !== null) writePublicSecrets(tls, here.paths.printedEnvoyTls)
      process.stdout.write(renderBootstrap(here.config, here.paths, here.instance))
    })
  envoy
    .command('path')
    .description('print where Envoy is, getting it where it is missing')
    .action(async () =>
      say(
        await findEnvoy({
          configuredPath: loadConfig(process.env).config.envoy.path,
          say: (line) => console.error(line),
        }),
      ),
    )
}
