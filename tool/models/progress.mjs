// What a person, or a program, sees while files are fetched.

/** @returns {string} "88.1 MB", "43 kB" */
export const sizeText = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

/**
 * @typedef {object} Progress
 * @property {(name: string, state: string, detail?: string) => void} say `state` is a word: ready, downloading, …
 * @property {(name: string, error: Error & {advice?: string}) => void} fail
 * @property {() => void} end takes back what is unfinished on the screen
 */

/** @returns {Progress} one JSON object a line, for programs */
function jsonProgress(write) {
  const line = (fields) => write(`${JSON.stringify(fields)}\n`);
  return {
    say: (name, state, detail) => line({ name, state, detail }),
    fail: (name, { message, advice }) => line({ name, state: 'failed', detail: message, advice }),
    end: () => {},
  };
}

const NAME_WIDTH = 20;
const STATE_WIDTH = 12;

/** @returns {Progress} a line a step; on a terminal the step under way shows how long it has taken */
function linesProgress(stream) {
  const format = (name, state, detail = '') => `${name.padEnd(NAME_WIDTH)} ${state.padEnd(STATE_WIDTH)} ${detail}`.trimEnd();
  const clear = stream.isTTY ? '\r\x1b[K' : '';
  let timer;
  const end = () => {
    clearInterval(timer);
    stream.write(clear);
  };
  const say = (name, state, detail) => {
    end();
    const line = format(name, state, detail);
    const isOver = state === 'ready' || state === 'done';
    if (isOver || !stream.isTTY) {
      stream.write(`${line}\n`);
      return;
    }
    const start = Date.now();
    const show = () => stream.write(`${clear}${line}  ${Math.round((Date.now() - start) / 1000)} s`);
    show();
    timer = setInterval(show, 1000).unref();
  };
  const fail = (name, { message, advice, stack }) => {
    end();
    const text = advice ? `${message}\n${advice}` : stack;
    stream.write(`${format(name, 'failed', text.split('\n').join(`\n${' '.repeat(NAME_WIDTH + 1)}`))}\n`);
  };
  return { say, fail, end };
}

/**
 * @param {{json: boolean, stream: NodeJS.WriteStream}} how
 * @returns {Progress}
 */
export const newProgress = ({ json, stream }) => (json ? jsonProgress((text) => stream.write(text)) : linesProgress(stream));
