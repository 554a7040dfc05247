// Jobs and batches of OPAL as one list: what programs began, newest first.
import { ask, type Answer } from './core/api.ts';

export type Kind = 'jobs' | 'batches';
export const kinds = ['all', 'jobs', 'batches'] as const;
export const states = ['waiting', 'processing', 'completed', 'failed', 'cancelled'] as const;
export type State = (typeof states)[number];
export type Item = Answer<'/v1/jobs/{job_id}'>['items'][number];

export interface Work {
  id: string;
  kind: Kind;
  name: string;
  state: State;
  total: number;
  completed: number;
  failed: number;
  cancelled: number;
  at: string;
}

type Brief = Answer<'/v1/jobs'>['jobs'][number] | Answer<'/v1/batch-jobs'>['batch_jobs'][number];
const others: Record<string, State> = { created: 'waiting', uploading: 'waiting' };

function workOf(of: Brief): Work {
  const isJob = 'job_id' in of;
  return {
    id: isJob ? of.job_id : of.batch_job_id, kind: isJob ? 'jobs' : 'batches', name: of.name ?? '', state: others[of.status] ?? (of.status as State),
    total: of.total_items, completed: of.completed_items, failed: of.failed_items, cancelled: of.cancelled_items, at: of.created_at,
  };
}

export const hasEnded = (of: Work): boolean => of.state !== 'waiting' && of.state !== 'processing';

/** What is shown of ALL: newest first, and nothing older than the oldest of a list that goes on, or older ones would come in between later. */
export function merged(all: readonly Work[], more: { [K in Kind]: boolean }): Work[] {
  const oldest = (kind: Kind): number => (more[kind] ? Math.min(...all.filter((one) => one.kind === kind).map((one) => Date.parse(one.at))) : -Infinity);
  const from = Math.max(oldest('jobs'), oldest('batches'));
  return all.filter((one) => Date.parse(one.at) >= from).sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

/** LIMIT of a kind that are older than BEFORE. */
export async function workFind(kind: Kind, limit: number, before?: string, signal?: AbortSignal): Promise<Work[]> {
  const how = { query: { limit, ...(before ? { before } : {}) }, ...(signal ? { signal } : {}) };
  return kind === 'jobs' ? (await ask('get', '/v1/jobs', how)).jobs.map(workOf) : (await ask('get', '/v1/batch-jobs', how)).batch_jobs.map(workOf);
}

/** As it is now, with LIMIT of its items. */
export async function workGet(of: Work, limit: number, signal?: AbortSignal): Promise<{ work: Work; items: Item[] }> {
  const how = { query: { limit }, ...(signal ? { signal } : {}) };
  const now = of.kind === 'jobs' ? await ask('get', '/v1/jobs/{job_id}', { path: { job_id: of.id }, ...how }) : await ask('get', '/v1/batch-jobs/{id}', { path: { id: of.id }, ...how });
  return { work: workOf(now), items: now.items };
}

export async function workCancel(of: Work): Promise<Work> {
  return workOf(of.kind === 'jobs'
    ? await ask('delete', '/v1/jobs/{job_id}', { path: { job_id: of.id } })
    : await ask('post', '/v1/batch-jobs/{id}/cancel', { path: { id: of.id }, body: {} }));
}

export const workZip = (of: Work): Promise<Answer<'/v1/exports/{export_id}'>> => (of.kind === 'jobs'
  ? ask('post', '/v1/jobs/{job_id}/exports', { path: { job_id: of.id }, body: {} })
  : ask('post', '/v1/batch-jobs/{id}/exports', { path: { id: of.id }, body: {} }));
