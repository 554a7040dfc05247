// Asking our own server: paths, inputs and answers are typed from the documents in api/.
import type { Paths } from './schema/index.ts';
import { toldLoad, type Said } from './told.ts';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type With<M extends Method> = { [P in keyof Paths]: Paths[P] extends { [K in M]: { responses: unknown } } ? P : never }[keyof Paths];
type Op<P extends keyof Paths, M extends Method> = Paths[P] extends { [K in M]: infer O } ? O : never;

type Json<R> = R extends { content: { 'application/json': infer B } } ? B : undefined;
type Good<R> = { [S in keyof R]: S extends 200 | 201 | 202 | 204 ? Json<R[S]> : never }[keyof R];
/** What METHOD at PATH answers when all is well. */
export type Answer<P extends keyof Paths, M extends Method = 'get'> = Op<P, M> extends { responses: infer R } ? Good<R> : never;
/** What it takes as its body. */
export type Body<P extends keyof Paths, M extends Method = 'post'> =
  Op<P, M> extends { requestBody?: { content: { 'application/json': infer B } } } ? B : never;

type Place<O, K extends 'path' | 'query'> = O extends { parameters: { [X in K]?: infer V } } ? V : never;
interface Asked<O, B> {
  path?: Place<O, 'path'>;
  query?: Place<O, 'query'>;
  body?: B;
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

/** What a server's refusal says: a sentence for people, a code for programs, which fields it means, and what was said when that is more than the code. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: Record<string, string>;
  readonly retryAfter: number;
  readonly said: Said | null;
  constructor(status: number, code: string, message: string, fields: Record<string, string> = {}, retryAfter = 0, said: Said | null = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = fields;
    this.retryAfter = retryAfter;
    this.said = said;
  }
}

/* Doors write errors in dialects of their own: RFC 9457, or one deeper. */
export function refusalOf(status: number, body: unknown, retryAfter = 0): Refusal {
  const it = (body ?? {}) as Record<string, unknown>;
  const inner = (typeof it.error === 'object' && it.error ? it.error : it) as Record<string, unknown>;
  const text = (...names: string[]) => names.map((n) => inner[n]).find((v): v is string => typeof v === 'string' && v !== '');
  const fields: Record<string, string> = {};
  for (const one of Array.isArray(it.errors) ? (it.errors as { pointer?: string; detail?: string }[]) : [])
    if (one.pointer) fields[one.pointer.replace(/^\//, '')] = one.detail ?? '';
  const code = text('code') ?? (typeof it.error === 'string' ? it.error : 'unknown');
  return new Refusal(status, code, text('detail', 'message', 'title') ?? '', fields, retryAfter, (inner.said as Said | undefined) ?? null);
}

const listeners = new Set<(refusal: Refusal) => void>();
/** Hear of every refusal: the shell shows the sign-in page when a session has ended. */
export function onRefusal(hear: (refusal: Refusal) => void): void {
  listeners.add(hear);
}

function addressOf(path: string, values: Record<string, unknown> = {}, query: Record<string, unknown> = {}): string {
  const address = path.replace(/\{(\w+)\*?\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== null && value !== '') asked.set(name, String(value));
  return asked.size ? `${address}?${asked}` : address;
}

/** Ask; throws a Refusal, of status 0 when the server could not be reached. */
export async function ask<M extends Method, P extends With<M>>(
  method: M, path: P, asked: Asked<Op<P, M>, Body<P, M>> = {}): Promise<Answer<P, M>> {
  const headers: Record<string, string> = { Accept: 'application/json', 'X-Requested-With': 'cyclorama', ...asked.headers };
  if (asked.body !== undefined) headers['Content-Type'] = 'application/json';
  const init: RequestInit = { method: method.toUpperCase(), headers };
  if (asked.body !== undefined) init.body = JSON.stringify(asked.body);
  if (asked.signal) init.signal = asked.signal;

  let reply: Response;
  try {
    reply = await fetch(addressOf(path, asked.path as Record<string, unknown>, asked.query as Record<string, unknown>), init);
  } catch (wrong) {
    if (asked.signal?.aborted) throw wrong;
    throw new Refusal(0, 'offline', '');
  }
  const body: unknown = reply.status === 204 ? undefined : await reply.json().catch(() => undefined);
  if (reply.ok) return body as Answer<P, M>;
  const refusal = refusalOf(reply.status, body, Number(reply.headers.get('Retry-After')) || 0);
  listeners.forEach((hear) => hear(refusal));
  await toldLoad();
  throw refusal;
}

/** The address of a picture or an upload. One of our own is asked for where the page came from, whatever name the server has for itself. */
export function near(url: string): string {
  const at = new URL(url, location.href);
  return /^\/(store|api|v1)\//.test(at.pathname) ? at.pathname + at.search : url;
}
