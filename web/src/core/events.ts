// What happens at the server, as it happens: one stream a tab, whatever number of things is watched.
//
// Browsers open six lines to a server at most: with a stream for each batch the seventh tab would hang. So all that a tab watches goes
// through one, it is closed a minute after the tab was hidden, and what happened in between is asked for by the last event's id.
export interface Happening {
  topic: string; // the id of a job or batch
  name: string; // "run.queued", "run.progress", "run.completed", "project.completed", ...
  data: unknown;
}
type Hear = (happening: Happening) => void;

const hiddenMs = 60_000;
const gatherMs = 50;
const heard = new Map<string, Set<Hear>>();
const lines = new Set<(isUp: boolean) => void>();
let stream: EventSource | null = null;
let streamTopics = '';
let last = '';
let due: ReturnType<typeof setTimeout> | undefined;
let waiting: Happening[] = [];
let frame = 0;

const wanted = (): string => [...heard.keys()].sort().join(',');

function deliver(): void {
  const now = waiting;
  waiting = [];
  frame = 0;
  for (const one of now) heard.get(one.topic)?.forEach((hear) => hear(one));
}

/* Handed over once a frame: a hundred photos may report at once. Hidden tabs have no frames. */
function take(event: MessageEvent<string>): void {
  if (event.lastEventId) last = event.lastEventId;
  waiting.push(JSON.parse(event.data) as Happening);
  frame ||= document.hidden ? (setTimeout(deliver, 250) as unknown as number) : requestAnimationFrame(deliver);
}

function close(): void {
  stream?.close();
  stream = null;
  streamTopics = '';
}

function open(): void {
  const topics = wanted();
  due = undefined;
  if (topics === streamTopics && stream && stream.readyState !== EventSource.CLOSED) return;
  close();
  if (!topics || document.hidden) return;
  const asked = new URLSearchParams({ topics });
  if (last) asked.set('after', last);
  streamTopics = topics;
  stream = new EventSource(`/v1/events?${asked}`);
  stream.onmessage = take;
  stream.onopen = () => lines.forEach((tell) => tell(true));
  stream.onerror = () => lines.forEach((tell) => tell(false));
}

function soon(): void {
  due ??= setTimeout(open, gatherMs);
}

document.addEventListener('visibilitychange', () => {
  clearTimeout(due);
  due = setTimeout(document.hidden ? () => { due = undefined; close(); } : open, document.hidden ? hiddenMs : 0);
});

/** Hear what happens to TOPIC until the returned function is called. */
export function watch(topic: string, hear: Hear): () => void {
  const all = heard.get(topic) ?? new Set<Hear>();
  heard.set(topic, all.add(hear));
  soon();
  return () => {
    all.delete(hear);
    if (!all.size && heard.get(topic) === all) heard.delete(topic);
    soon();
  };
}

/** Is the line up? Told with each change. */
export function onLine(tell: (isUp: boolean) => void): () => void {
  lines.add(tell);
  return () => lines.delete(tell);
}
