import type * as generated from './generated.ts'

// biome-ignore lint/suspicious/noExplicitAny: any operation of the generated client fits.
type Operation = (...given: any[]) => Promise<unknown>
type Answer<O extends Operation, S extends number = 200> =
  Extract<Awaited<ReturnType<O>>, { status: S }> extends { data: infer D } ? D : never

export type { AuditEvent, AuditRecord, Hold, ListedKey, SummaryTotals } from './generated.ts'
/** A record of which only some fields were asked for. */
export type RecordPart = generated.AuditRecordPart & { requestId: string; createdAt: string }
export type Page = Answer<typeof generated.listAuditRecords>
/** Whether a record of a page has the two fields without which none can be shown. */
export function isListed(record: Page['records'][number]): record is RecordPart {
  return record.requestId !== undefined && record.createdAt !== undefined
}
export type Summary = Answer<typeof generated.summariseAuditRecords>
export type Losses = Answer<typeof generated.listLosses>
export type Facets = Answer<typeof generated.listFacets>
export type Found = Answer<typeof generated.findAuditRecords>
export type Top = Answer<typeof generated.listTopAuditRecords>
export type Evidence = Answer<typeof generated.getEvidence>
export type Prompt = Answer<typeof generated.getPrompt>
export type PromptReads = Answer<typeof generated.listPromptReads>
export type Events = Answer<typeof generated.listEvents>
export type Settings = Answer<typeof generated.getSettings>
export type Keys = Answer<typeof generated.listKeys>
export type KeyNames = Answer<typeof generated.listKeyNames>
export type Me = Answer<typeof generated.getMe>
export type Sessions = Answer<typeof generated.listSessions>
export type System = Answer<typeof generated.getSystem>
export type MeshCoverage = Answer<typeof generated.getCoverage>
export type Workloads = Answer<typeof generated.listOwnWorkloads>
export type Views = Answer<typeof generated.listViews>
