import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress } from 'node:zlib'
import { packageRoot } from '../../../src/config/package-root.ts'
import { runProgram } from '../../support/flint.ts'
import type { ChromiumProgram } from './find-chromium.ts'

const REQUIRE = createRequire(import.meta.url)

/** What the package carries beside the program, and where it goes below the unpacked folder. */
const ARCHIVES = {
  'al2023.tar.br': 'libraries',
  'fonts.tar.br': 'fonts',
  'swiftshader.tar.br': '.',
}

/** What the page's text is drawn with where they are installed, by the packages that carry them. */
const FONTS = {
  '@expo-google-fonts/inter': [
    ...['400Regular/Inter_400Regular', '500Medium/Inter_500Medium'],
    ...['600SemiBold/Inter_600SemiBold', '700Bold/Inter_700Bold'],
  ],
  '@expo-google-fonts/jetbrains-mono': [
    ...['400Regular/JetBrainsMono_400Regular', '500Medium/JetBrainsMono_500Medium'],
  ],
}

/**
 * The Chromium that came by npm, with its own libraries, and fonts that came so too: text measures
 * the same on every machine, and none of them needs a distribution's packages. Unpacked on first
 * use, in some seconds, into node_modules/.cache.
 */
export async function packagedChromium(): Promise<ChromiumProgram> {
  const carrier = path.resolve(path.dirname(REQUIRE.resolve('@sparticuz/chromium')), '../..')
  const { version } = JSON.parse(fs.readFileSync(path.join(carrier, 'package.json'), 'utf8'))
  const cache = path.join(packageRoot(), 'node_modules/.cache/flint-chromium')
  const folder = path.join(cache, `${version}-with-inter`)
  if (!fs.existsSync(folder)) await unpack(path.join(carrier, 'bin'), folder)
  return {
    path: path.join(folder, 'chromium'),
    env: {
      ...process.env,
      LD_LIBRARY_PATH: path.join(folder, 'libraries/lib'),
      FONTCONFIG_FILE: path.join(folder, 'fonts.conf'),
    },
  }
}

async function unpack(archives: string, folder: string): Promise<void> {
  fs.mkdirSync(path.dirname(folder), { recursive: true })
  // Two test files may unpack at the same time: the first to finish gives the folder its name.
  const unpacked = fs.mkdtempSync(`${folder}-`)
  await Promise.all([
    decompress(path.join(archives, 'chromium.br'), path.join(unpacked, 'chromium')),
    ...Object.entries(ARCHIVES).map(([archive, place]) =>
      untar(path.join(archives, archive), path.join(unpacked, place)),
    ),
  ])
  fs.chmodSync(path.join(unpacked, 'chromium'), 0o755)
  for (const [carrier, fonts] of Object.entries(FONTS))
    for (const font of fonts)
      fs.copyFileSync(
        REQUIRE.resolve(`${carrier}/${font}.ttf`),
        path.join(unpacked, 'fonts', `${path.basename(font)}.ttf`),
      )
  fs.writeFileSync(path.join(unpacked, 'fonts.conf'), fontConfiguration(folder))
  try {
    fs.renameSync(unpacked, folder)
  } catch (error) {
    if (!fs.existsSync(folder)) throw error
    fs.rmSync(unpacked, { recursive: true })
  }
}

async function untar(archive: string, folder: string): Promise<void> {
  const tar = path.join(folder, path.basename(archive, '.br'))
  fs.mkdirSync(folder, { recursive: true })
  await decompress(archive, tar)
  await runProgram('tar', ['-xf', tar, '-C', folder])
  fs.rmSync(tar)
}

async function decompress(from: string, to: string): Promise<void> {
  await pipeline(fs.createReadStream(from), createBrotliDecompress(), fs.createWriteStream(to))
}

/** The packages' fonts and no others. */
function fontConfiguration(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts</dir>
  <cachedir>${folder}/font-cache</cachedir>
  <alias binding="same"><family>monospace</family><prefer><family>JetBrains Mono</family></prefer></alias>
</fontconfig>
`
}
