// The page at /docs: shows /openapi.json, and tries what it describes. Nothing is asked of any other server.
'use strict'

const METHODS = ['get', 'post', 'put', 'patch', 'delete']
const KINDS = {string: 'text', integer: 'whole number', boolean: 'true or false', any: 'anything'}
const FORMATS = {'date-time': 'time', binary: 'file', uri: 'address', 'uri-reference': 'address', date: 'day'}
const at = id => document.getElementById(id)
let api, operations = []

// An element with attributes (or event listeners) and children; text is always text, never HTML.
function make(tag, about = {}, ...children) {
  const [name, ...classes] = tag.split('.')
  const element = document.createElement(name)
  if (classes.length) element.className = classes.join(' ')
  for (const [key, value] of Object.entries(about)) {
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value)
    else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : value)
  }
  element.append(...children.flat(Infinity).filter(child => child !== undefined && child !== null && child !== ''))
  return element
}

// The little Markdown that descriptions are written in: paragraphs, lists, `code` and **strong**.
function inline(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map(part =>
    part.startsWith('`') ? make('code', {}, part.slice(1, -1)) : part.startsWith('**') ? make('strong', {}, part.slice(2, -2)) : part)
}

const MARKS = [/^\d+\. /, /^[-*] /]

function prose(text) {
  const blocks = []
  for (const paragraph of (text || '').split(/\n{2,}/).filter(Boolean)) {
    const lines = paragraph.split('\n'), last = blocks[blocks.length - 1]
    const mark = MARKS.find(one => lines.every(line => one.test(line)))
    if (mark && last && last.mark === mark) last.lines.push(...lines)
    else blocks.push({mark, lines})
  }
  return blocks.map(({mark, lines}) => mark
    ? make(mark === MARKS[0] ? 'ol.steps' : 'ul.steps', {}, lines.map(line => make('li', {}, inline(line.replace(mark, '')))))
    : lines[0].startsWith('## ') ? make('h2', {}, lines[0].slice(3)) : make('p', {}, inline(lines.join('\n'))))
}

// ---- schemas

function resolved(schema) {
  const path = schema && schema.$ref
  return path ? path.slice(2).split('/').reduce((place, name) => place[name], api) : schema || {}
}

function types(schema) {
  if (schema.anyOf) return schema.anyOf.flatMap(one => types(resolved(one)))
  return [schema.type || 'any'].flat()
}

// What a schema that may be null is when it is not.
function solid(schema) {
  const whole = resolved(schema)
  return whole.anyOf ? resolved(whole.anyOf.find(one => one.type !== 'null')) : whole
}

function bareWords(schema) {
  const it = solid(schema)
  const names = types(resolved(schema)).filter(name => name !== 'null')
  if (names.includes('array')) return 'list of ' + bareWords(it.items || {}) + (inside(it.items || {}).title ? '' : 's')
  if (names.includes('object') && it.title) return it.title
  return FORMATS[it.format] || it.format || names.map(name => KINDS[name] || name).join(' or ')
}

function kindWords(schema) {
  const it = solid(schema)
  const limits = []
  if (it.minimum !== undefined) limits.push(`${it.minimum} to ${it.maximum}`)
  if (it.maxLength) limits.push(`${it.minLength ? it.minLength + ' to ' : 'up to '}${it.maxLength} characters`)
  if (it.maxItems) limits.push(`up to ${it.maxItems}`)
  if (it['x-unit']) limits.push(it['x-unit'])
  return bareWords(schema) + (limits.length ? ` (${limits.join(', ')})` : '') + (types(resolved(schema)).includes('null') ? ', or null' : '')
}

function inside(schema) {
  const it = solid(schema)
  return types(it).includes('array') ? inside(it.items || {}) : it
}

function fieldRow({name, schema, description, required, place, isReply}, depth) {
  const inner = inside(schema)
  const head = [
    make('span.name', {}, name), make('span.kind', {}, kindWords(schema) + (place ? ` · ${place}` : '')),
    required ? make('span.must', {}, 'required') : '',
  ]
  const told = resolved(schema)
  const notes = []
  if (description || told.description) notes.push(make('p', {}, description || told.description))
  if (inner.enum) notes.push(make('p.words', {}, 'One of ', inner.enum.filter(word => word !== null).map((word, i) => [i ? ', ' : '', make('code', {}, String(word))])))
  if (told.default !== undefined && told.default !== '') notes.push(make('p.words', {}, 'Without it: ', make('code', {}, JSON.stringify(told.default))))
  if (inner.properties && depth < 6)
    return make('li', {}, make('details', {open: depth < 1}, make('summary', {}, head), notes, fieldList(inner, depth + 1, isReply)))
  return make('li', {}, head, notes)
}

// What a reply holds is always there; only of requests it is said what they must have.
function fieldList(schema, depth = 0, isReply = false) {
  const it = inside(schema)
  const rows = Object.entries(it.properties || {}).map(([name, inner]) =>
    fieldRow({name, schema: inner, required: !isReply && (it.required || []).includes(name), isReply}, depth))
  return rows.length ? make('ul.fields', {}, rows) : make('p.quiet', {}, kindWords(schema))
}

// Of a request: what it must have, or else its first field. Of a reply (IS_WHOLE): everything.
function example(schema, name = '', isWhole = false, depth = 0) {
  const it = solid(schema)
  if (it.default !== undefined && it.default !== '') return it.default
  if (it.example !== undefined) return it.example
  if (it.enum) return it.enum[0]
  switch (types(it)[0]) {
    case 'object':
      return Object.fromEntries(Object.entries(depth > 5 ? {} : it.properties || {})
        .filter(([key], i) => isWhole || (it.required ? it.required.includes(key) : i === 0)).map(([key, inner]) => [key, example(inner, key, isWhole, depth + 1)]))
    case 'array': return it.items && depth < 5 ? [example(it.items, name, isWhole, depth + 1)] : []
    case 'integer': case 'number': return it.minimum || 0
    case 'boolean': return false
    case 'null': return null
  }
  const samples = {uri: 'https://shop.example/shoe.png', 'date-time': '2026-11-21T04:05:06Z', date: '2026-11-21', email: 'ann@shop.example'}
  return samples[it.format] || (/file_?name/.test(name) ? 'shoe.png' : name ? `${name}` : 'text')
}

// ---- JSON in colours

function coloured(value, indent = '') {
  const deeper = indent + '  '
  if (value === null || typeof value === 'boolean') return [make('span.w', {}, String(value))]
  if (typeof value === 'number') return [make('span.n', {}, String(value))]
  if (typeof value === 'string') return [make('span.t', {}, JSON.stringify(value))]
  const isList = Array.isArray(value)
  const rows = isList ? value.map(item => coloured(item, deeper))
    : Object.entries(value).map(([key, item]) => [make('span', {}, JSON.stringify(key)), ': ', coloured(item, deeper)])
  if (!rows.length) return [isList ? '[]' : '{}']
  return [isList ? '[' : '{', rows.map((row, i) => ['\n' + deeper, row, i + 1 < rows.length ? ',' : '']), '\n' + indent, isList ? ']' : '}']
}

// ---- what is there

function box(label, content, copied) {
  const button = copied && make('button', {type: 'button', onclick: async () => {
    await navigator.clipboard.writeText(copied())
    button.textContent = 'Copied'
    setTimeout(() => { button.textContent = 'Copy' }, 1200)
  }}, 'Copy')
  return make('div.box', {}, make('div.label', {}, make('span', {}, label), button), content)
}

function pathWords(path) {
  return make('code', {}, path.split(/(\{[^}]+\})/).map(part => part.startsWith('{') ? make('b', {}, part) : part))
}

function schemaOf(content) {
  const type = content && Object.keys(content)[0]
  return type ? {type, schema: content[type].schema} : undefined
}

function replyRow([status, reply]) {
  const body = schemaOf(reply.content)
  const isJson = body && /json/.test(body.type)
  const titles = reply['x-errors'] ? reply['x-errors'].join(', ') : reply.description
  return make('details.reply', {open: status < 300}, make('summary', {}, make(`span.status.s${status[0]}`, {}, status), make('span', {}, titles)),
    make('div.body', {}, reply['x-errors'] ? prose(reply.description) : '', body ? make('p.quiet', {}, body.type) : '',
      isJson && status < 300 ? fieldList(body.schema, 0, true) : '',
      isJson && status < 300 ? box('Example', make('pre', {}, coloured(example(body.schema, '', true)))) : ''))
}

// ---- trying it

function control({name, schema, required}) {
  const it = solid(schema)
  const shown = it.default !== undefined && it.default !== '' ? String(it.default) : ''
  if (it.enum || it.type === 'boolean')
    return make('select', {name}, required ? '' : make('option', {value: ''}, shown ? `${shown} (unless said)` : '–'),
      (it.enum || [true, false]).filter(word => word !== null).map(word => make('option', {value: word}, String(word))))
  return make('input', {name, placeholder: shown || (it.format === 'date' ? '2026-11-21' : ''), inputmode: it.type === 'integer' ? 'numeric' : undefined, spellcheck: 'false', autocomplete: 'off'})
}

function tryForm(operation) {
  const parameters = operation.parameters || []
  const body = operation.requestBody && schemaOf(operation.requestBody.content)
  const isForm = body && body.type === 'multipart/form-data', isJson = body && /json/.test(body.type)
  const form = make('form', {novalidate: true})
  const inputs = parameters.map(parameter => {
    const input = control(parameter)
    form.append(make('label', {}, make('span', {}, parameter.name, make('small', {}, ` ${parameter.in}`), parameter.required ? make('span.must', {}, ' required') : ''), input))
    return {parameter, input}
  })
  let text, file
  const parts = []
  if (isJson) {
    text = make('textarea', {rows: 8, spellcheck: 'false', 'aria-label': 'Body'})
    text.value = JSON.stringify(example(body.schema), null, 2)
    text.rows = Math.min(18, Math.max(4, text.value.split('\n').length + 1))
    form.append(make('label', {}, make('span', {}, 'Body'), text))
  } else if (isForm) {
    for (const [name, schema] of Object.entries(resolved(body.schema).properties || {})) {
      const isFile = inside(schema).format === 'binary'
      const input = isFile ? make('input', {type: 'file', multiple: solid(schema).type === 'array'}) : control({name, schema})
      parts.push({name, input, isFile})
      form.append(make('label', {}, make('span', {}, name), input))
    }
  } else if (body) {
    file = make('input', {type: 'file'})
    form.append(make('label', {}, make('span', {}, 'File'), file))
  }

  const request = () => {
    let path = operation.path
    const query = new URLSearchParams(), headers = {}
    for (const {parameter, input} of inputs) {
      if (parameter.in === 'path') path = path.replace(`{${parameter.name}}`, encodeURIComponent(input.value || parameter.name).replaceAll('%2F', '/'))
      else if (input.value && parameter.in === 'query') query.append(parameter.name, input.value)
      else if (input.value) headers[parameter.name] = input.value
    }
    if (at('key').value && operation.security.length) headers.Authorization = `Bearer ${at('key').value}`
    if (isJson) headers['Content-Type'] = body.type
    if (file) headers['Content-Type'] = (file.files[0] && file.files[0].type) || Object.keys(operation.requestBody.content)[0]
    let payload = isJson ? text.value : file ? file.files[0] : undefined
    if (isForm) {
      payload = new FormData()
      for (const {name, input, isFile} of parts)
        for (const value of isFile ? input.files : input.value ? [input.value] : []) payload.append(name, value)
    }
    return {url: path + (query.size ? '?' + query : ''), headers, payload}
  }

  const quoted = words => `'${String(words).replaceAll("'", "'\\''")}'`
  const curl = () => {
    const {url, headers, payload} = request()
    const lines = [`curl ${operation.method === 'get' ? '' : `-X ${operation.method.toUpperCase()} `}${quoted(location.origin + url)}`]
    if (operation.security.length) lines.push('-H "Authorization: Bearer $KEY"')
    for (const [name, value] of Object.entries(headers)) if (name !== 'Authorization') lines.push(`-H ${quoted(`${name}: ${value}`)}`)
    if (isJson) lines.push(`-d ${quoted(JSON.stringify(parsed(payload)))}`)
    else if (file) lines.push(`--data-binary @${file.files[0] ? quoted(file.files[0].name) : 'photo.png'}`)
    else if (isForm) for (const {name, input, isFile} of parts)
      if (isFile || input.value) lines.push(`-F ${quoted(isFile ? `${name}=@${input.files[0] ? input.files[0].name : 'photo.png'}` : `${name}=${input.value}`)}`)
    return lines.join(' \\\n  ')
  }

  const line = make('pre.curl'), answer = make('div', {'aria-live': 'polite'})
  const refresh = () => { line.textContent = curl() }
  let running
  const send = make('button.send', {type: 'submit'}, 'Send')
  const stop = make('button', {type: 'button', hidden: true, onclick: () => running && running.abort()}, 'Stop')
  form.append(make('div.row', {}, send, stop))
  form.addEventListener('input', refresh)
  at('key').addEventListener('input', refresh)
  form.addEventListener('submit', async event => {
    event.preventDefault()
    running = new AbortController()
    send.disabled = true
    stop.hidden = false
    const {url, headers, payload} = request()
    const began = performance.now()
    try {
      const reply = await fetch(url, {method: operation.method.toUpperCase(), headers, body: payload, signal: running.signal})
      await showReply(answer, reply, Math.round(performance.now() - began))
    } catch (error) {
      if (error.name !== 'AbortError') answer.replaceChildren(box('No reply', make('pre', {}, String(error.message))))
    }
    send.disabled = false
    stop.hidden = true
  })
  refresh()
  return make('aside.try', {'aria-label': 'Try it'}, make('h2', {}, 'Try it'), form, box('cURL', line, curl), answer)
}

function parsed(text) {
  try { return JSON.parse(text) } catch { return text }
}

async function showReply(answer, reply, tookMs) {
  const type = reply.headers.get('Content-Type') || ''
  const head = make('span', {}, make(`b.s${String(reply.status)[0]}`, {}, String(reply.status)), ` ${tookMs} ms · ${reply.headers.get('X-Request-ID') || ''}`)
  if (type.startsWith('image/')) {
    const picture = make('img', {alt: 'The picture that came', src: URL.createObjectURL(await reply.blob())})
    answer.replaceChildren(box(head, picture))
  } else if (type.startsWith('text/event-stream')) {
    const log = make('pre')
    answer.replaceChildren(box(head, log))
    const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader()
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      log.append(piece.value)
      log.scrollTop = log.scrollHeight
    }
  } else {
    const text = await reply.text()
    const value = /json/.test(type) ? parsed(text) : text
    answer.replaceChildren(box(head, make('pre', {}, text ? (typeof value === 'string' ? value : coloured(value)) : 'No body'), () => text))
  }
}

// ---- pages

function operationPage(operation) {
  const parameters = operation.parameters || []
  const body = operation.requestBody && schemaOf(operation.requestBody.content)
  const scopes = operation.security.length ? Object.values(operation.security[0])[0] : []
  return [
    make('h1', {}, operation.summary),
    make('p.route', {}, make(`span.method.${operation.method}`, {}, operation.method), pathWords(operation.path),
      make('span.badge', {}, scopes.length ? `needs ${scopes.join(', ')}` : 'open to anybody')),
    make('div.split', {},
      make('div', {}, prose(operation.description),
        parameters.length ? [make('h2', {}, 'Parameters'), make('ul.fields', {}, parameters.map(parameter => fieldRow({...parameter, place: parameter.in}, 1)))] : '',
        body ? [make('h2', {}, 'Body'), make('p.quiet', {}, Object.keys(operation.requestBody.content).join(', ')), fieldList(body.schema)] : '',
        make('h2', {}, 'Replies'), Object.entries(operation.responses).map(replyRow)),
      tryForm(operation)),
  ]
}

function overviewPage() {
  const errors = {}
  for (const operation of operations)
    for (const [status, reply] of Object.entries(operation.responses))
      for (const words of reply['x-errors'] ? reply.description.split('\n\n') : []) {
        const name = words.split('`')[1]
        errors[name] = {status, words: words.slice(words.indexOf(': ') + 2)}
      }
  return [
    make('h1', {}, api.info.title), prose(api.info.description),
    make('p.quiet', {}, 'The same as a document: ', make('a', {href: '/openapi.json'}, '/openapi.json')),
    api.tags.map(tag => [make('h2', {}, tag.name), make('ul.cards', {}, operations.filter(one => one.tag === tag.name).map(one =>
      make('li', {}, make('a', {href: '#' + one.operationId}, make(`span.method.${one.method}`, {}, one.method), pathWords(one.path), make('span', {}, one.summary)))))]),
    make('h2', {id: 'errors'}, 'Errors'),
    make('table', {}, make('tbody', {}, Object.entries(errors).sort().map(([name, {status, words}]) =>
      make('tr', {id: 'error-' + name}, make('td', {}, make('code', {}, name)), make('td', {}, status), make('td', {}, words))))),
  ]
}

function navList(wanted) {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean)
  const fits = one => words.every(word => `${one.method} ${one.path} ${one.summary} ${one.tag}`.toLowerCase().includes(word))
  return api.tags.map(tag => {
    const rows = operations.filter(one => one.tag === tag.name && fits(one))
    return rows.length ? [make('h2', {}, tag.name), rows.map(one =>
      make('a', {href: '#' + one.operationId}, make(`span.method.${one.method}`, {}, one.method), make('span', {}, one.summary)))] : ''
  }).flat(Infinity).filter(Boolean)
}

function menuOpen(open) {
  at('nav').classList.toggle('open', open)
  document.querySelector('.menu').setAttribute('aria-expanded', open)
}

function show() {
  const wanted = decodeURIComponent(location.hash.slice(1))
  const operation = operations.find(one => one.operationId === wanted)
  at('main').replaceChildren(...(operation ? operationPage(operation) : overviewPage()).flat(Infinity).filter(Boolean))
  for (const link of document.querySelectorAll('nav a'))
    link.toggleAttribute('aria-current', link.getAttribute('href') === location.hash)
  document.title = (operation ? operation.summary + ' · ' : '') + api.info.title
  menuOpen(false)
  const anchor = !operation && wanted && at(wanted)
  if (anchor) anchor.scrollIntoView()
  else window.scrollTo(0, 0)
}

function themeSet(theme) {
  document.documentElement.dataset.theme = theme
  localStorage.setItem('theme', theme)
}

async function start() {
  themeSet(localStorage.getItem('theme') || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'))
  document.querySelector('.theme').onclick = () => themeSet(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark')
  document.querySelector('.menu').onclick = () => menuOpen(!at('nav').classList.contains('open'))
  at('key').value = sessionStorage.getItem('key') || ''
  at('key').oninput = () => sessionStorage.setItem('key', at('key').value)

  api = await (await fetch('/openapi.json')).json()
  for (const [path, item] of Object.entries(api.paths))
    for (const method of METHODS.filter(name => item[name]))
      operations.push({path, method, tag: (item[method].tags || [])[0], ...item[method]})
  at('title').textContent = api.info.title
  at('version').textContent = api.info.version
  at('list').replaceChildren(...navList(''))
  at('find').oninput = () => { at('list').replaceChildren(...navList(at('find').value)); }
  window.addEventListener('hashchange', show)
  window.addEventListener('keydown', event => {
    const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)
    if (event.key === '/' && !isTyping) { event.preventDefault(); menuOpen(true); at('find').focus() }
    if (event.key === 'Escape') { menuOpen(false); event.target.blur() }
    if (event.key === 'Enter' && event.target === at('find')) { const first = document.querySelector('nav a'); if (first) first.click() }
  })
  show()
}

start().catch(error => at('main').replaceChildren(make('p', {}, `The document could not be read: ${error.message}`)))
