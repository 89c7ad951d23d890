#!/usr/bin/env node
import { fileURLToPath } from 'node:url'
import { crash } from './cli/crash.ts'
import { keepYoungGenerationSmall } from './process/young-generation.ts'

// Whatever this process and its children make is their owner's alone.
process.umask(0o077)
process.on('uncaughtException', crash)
process.on('unhandledRejection', crash)
keepYoungGenerationSmall()

const { createProgram } = await import('./cli/program.ts')
const program = await createProgram(fileURLToPath(import.meta.url))
await program.parseAsync().catch(crash)
