import { lazy } from 'preact-iso'

export const Overview = lazy(() => import('../pages/overview/overview-page.tsx'))
export const Audit = lazy(() => import('../pages/audit/audit-page.tsx'))
export const Call = lazy(() => import('../pages/call/call-page.tsx'))
export const Prompt = lazy(() => import('../pages/prompt/prompt-page.tsx'))
export const Coverage = lazy(() => import('../pages/coverage/coverage-page.tsx'))
export const Activity = lazy(() => import('../pages/activity/activity-page.tsx'))
export const Settings = lazy(() => import('../pages/settings/settings-page.tsx'))
export const Start = lazy(() => import('../pages/start/start-page.tsx'))
