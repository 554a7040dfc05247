// Asking again and again, for what no event tells of: only while the page is seen.
import { useEffect, useRef } from 'preact/hooks';

export const leastMs = 5000;

/** Call LOOK every EVERY_MS while the page is visible; when it is shown again, at once unless that would be too soon. */
export function useAgain(look: () => Promise<void>, everyMs: number): void {
  const latest = useRef(look);
  latest.current = look;
  useEffect(() => {
    const pauseMs = Math.max(leastMs, everyMs);
    let last = Date.now();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const plan = (): void => {
      clearTimeout(timer);
      if (isOver || document.hidden) return;
      timer = setTimeout(() => {
        last = Date.now();
        void latest.current().finally(plan);
      }, Math.max(0, last + pauseMs - Date.now()));
    };
    document.addEventListener('visibilitychange', plan);
    plan();
    return () => {
      isOver = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', plan);
    };
  }, [everyMs]);
}
