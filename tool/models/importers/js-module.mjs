// Data that a package ships as a JavaScript module: `….exports={…}` or `….exports="…"`. It is parsed, never run.

/** A minified module's value starts right behind `exports=`; the wrapper's own `exports=f()` has no literal there. */
const EXPORTS = /\bexports=(?=[{["])/;

const LITERALS = { '!0': true, '!1': false, true: true, false: false, null: null };

class LiteralReader {
  constructor(text, offset) {
    this.text = text;
    this.offset = offset;
  }

  fail(wanted) {
    throw new Error(`character ${this.offset} of the module should be ${wanted}`);
  }

  /** @returns {boolean} whether CHARACTER stood here and was passed */
  pass(character) {
    if (this.text[this.offset] !== character) return false;
    this.offset++;
    return true;
  }

  /** @returns {string|undefined} what PATTERN (sticky) matches here */
  match(pattern) {
    pattern.lastIndex = this.offset;
    const found = pattern.exec(this.text)?.[0];
    this.offset += found?.length ?? 0;
    return found;
  }

  string() {
    const quoted = this.match(/"(?:[^"\\\n]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/y);
    return quoted === undefined ? this.fail('a string in double quotes') : JSON.parse(quoted);
  }

  /** Base64 shards are sizeText long: too long for a regular expression's stack. */
  longString() {
    const end = this.text.indexOf('"', this.offset + 1);
    const body = end < 0 ? '\\' : this.text.slice(this.offset + 1, end);
    if (body.includes('\\')) return this.string();
    this.offset = end + 1;
    return body;
  }

  object() {
    const entries = [];
    while (!this.pass('}')) {
      if (entries.length && !this.pass(',')) this.fail("',' or '}'");
      const key = this.text[this.offset] === '"' ? this.string() : this.match(/[A-Za-z_$][\w$]*|\d+/y);
      if (key === undefined || !this.pass(':')) this.fail('a key');
      entries.push([key, this.value()]);
    }
    return Object.fromEntries(entries);
  }

  array() {
    const values = [];
    while (!this.pass(']')) {
      if (values.length && !this.pass(',')) this.fail("',' or ']'");
      values.push(this.value());
    }
    return values;
  }

  value() {
    if (this.text[this.offset] === '"') return this.longString();
    if (this.pass('{')) return this.object();
    if (this.pass('[')) return this.array();
    const word = this.match(/!0|!1|true|false|null/y);
    if (word !== undefined) return LITERALS[word];
    const number = this.match(/-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/y);
    return number === undefined ? this.fail('plain data') : Number(number);
  }
}

/**
 * @param {string} text
 * @returns {any} what the module exports
 */
export function readModuleValue(text) {
  const start = EXPORTS.exec(text);
  if (!start) throw new Error('the module exports no plain data');
  return new LiteralReader(text, start.index + start[0].length).value();
}
