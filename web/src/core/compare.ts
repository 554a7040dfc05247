// <compare-view src-before src-after label label-before label-after>: a picture before and after, under one slider. Zoom by pinch, ctrl and
// wheel, double click or the keys + - 0; drag to look around. The slider is a range input, so keys and screen readers have it for free.
// Attributes are not called `before` and `after`: those are methods of every element, and a framework would set them.
const words = { in: 'label-zoom-in', out: 'label-zoom-out', fit: 'label-fit' } as const;
const most = 8;

class CompareView extends HTMLElement {
  static observedAttributes = ['src-before', 'src-after', 'label', 'label-before', 'label-after', ...Object.values(words)];
  #root: HTMLElement | null = null;
  #range!: HTMLInputElement;
  #images!: { before: HTMLImageElement; after: HTMLImageElement };
  #tags!: { before: HTMLElement; after: HTMLElement };
  #buttons!: { in: HTMLButtonElement; out: HTMLButtonElement; fit: HTMLButtonElement };
  #scale!: HTMLOutputElement;
  #at = 50;
  #zoom = 1;
  #x = 0;
  #y = 0;
  #fingers = new Map<number, PointerEvent>();
  #gap = 0;
  #slides = false;

  connectedCallback(): void {
    if (this.#root) return;
    this.#build();
    this.#listen(this.#root!);
    this.#say();
    this.#draw();
  }
  attributeChangedCallback(): void {
    if (this.#root) this.#say();
  }

  #build(): void {
    const make = <T extends keyof HTMLElementTagNameMap>(tag: T, name: string, into?: Element): HTMLElementTagNameMap[T] => {
      const made = document.createElement(tag);
      made.className = name;
      into?.append(made);
      return made;
    };
    const root = (this.#root = make('div', 'compare'));
    const image = (side: string) => {
      const made = make('img', 'compare-image', make('div', `compare-layer compare-${side}`, root));
      made.draggable = false;
      made.decoding = 'async';
      return made;
    };
    const after = image('after');
    after.onload = () => root.style.setProperty('--ratio', String(after.naturalWidth / after.naturalHeight || 1));
    this.#images = { after, before: image('before') };
    this.#tags = { before: make('span', 'compare-tag is-before', root), after: make('span', 'compare-tag is-after', root) };
    make('span', 'compare-line', root).ariaHidden = 'true';
    this.#range = make('input', 'compare-range', root);
    Object.assign(this.#range, { type: 'range', min: '0', max: '100', value: '50' });
    const tools = make('div', 'compare-tools', root);
    const button = (sign: string, act: () => void) => {
      const made = make('button', 'compare-button', tools);
      made.type = 'button';
      made.textContent = sign;
      made.onclick = act;
      return made;
    };
    const out = button('−', () => this.#zoomTo(this.#zoom / 1.5));
    this.#scale = make('output', 'compare-scale', tools);
    this.#buttons = { out, in: button('+', () => this.#zoomTo(this.#zoom * 1.5)), fit: button('⤢', () => this.#zoomTo(1)) };
    this.replaceChildren(root);
  }

  #listen(root: HTMLElement): void {
    this.#range.oninput = () => {
      this.#at = Number(this.#range.value);
      this.#draw();
    };
    this.#range.addEventListener('keydown', (event) => {
      const to = { '+': this.#zoom * 1.5, '=': this.#zoom * 1.5, '-': this.#zoom / 1.5, '0': 1 }[event.key];
      if (to) this.#zoomTo(to);
    });
    root.addEventListener('pointerdown', (event) => this.#down(event));
    root.addEventListener('pointermove', (event) => this.#move(event));
    for (const end of ['pointerup', 'pointercancel'] as const)
      root.addEventListener(end, (event) => {
        this.#fingers.delete(event.pointerId);
        this.#gap = 0;
      });
    root.addEventListener('dblclick', (event) => {
      if (!this.#isTool(event)) this.#zoomTo(this.#zoom > 1 ? 1 : 2.5, event);
    });
    root.addEventListener('wheel', (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
      event.preventDefault();
      this.#zoomTo(this.#zoom * (event.deltaY < 0 ? 1.2 : 1 / 1.2), event);
    }, { passive: false });
  }

  #isTool(event: Event): boolean {
    return (event.target as Element).closest('.compare-tools') !== null;
  }
  #box(): DOMRect {
    return this.#root!.getBoundingClientRect();
  }

  #say(): void {
    const said = (name: string) => this.getAttribute(name) ?? '';
    for (const side of ['before', 'after'] as const) {
      const image = this.#images[side];
      if (image.getAttribute('src') !== said(`src-${side}`)) image.src = said(`src-${side}`);
      image.alt = said(`label-${side}`);
      this.#tags[side].textContent = said(`label-${side}`);
    }
    this.#range.ariaLabel = said('label');
    for (const name of ['in', 'out', 'fit'] as const) this.#buttons[name].ariaLabel = said(words[name]);
  }

  #zoomTo(wish: number, point?: { clientX: number; clientY: number }): void {
    const zoom = Math.min(most, Math.max(1, wish));
    const box = this.#box();
    const x = point ? point.clientX - box.left - box.width / 2 : 0;
    const y = point ? point.clientY - box.top - box.height / 2 : 0;
    this.#x = x - ((x - this.#x) * zoom) / this.#zoom;
    this.#y = y - ((y - this.#y) * zoom) / this.#zoom;
    this.#zoom = zoom;
    this.#draw();
  }
  #down(event: PointerEvent): void {
    if (this.#isTool(event)) return;
    const box = this.#box();
    this.#fingers.set(event.pointerId, event);
    this.#root!.setPointerCapture(event.pointerId);
    this.#slides = this.#zoom === 1 || Math.abs(event.clientX - box.left - (box.width * this.#at) / 100) < 28;
    this.#gap = 0;
    if (this.#slides && this.#fingers.size === 1) this.#slide(event);
  }
  #slide(event: PointerEvent): void {
    const box = this.#box();
    this.#at = Math.min(100, Math.max(0, ((event.clientX - box.left) / box.width) * 100));
    this.#range.value = String(Math.round(this.#at));
    this.#draw();
  }
  #move(event: PointerEvent): void {
    const was = this.#fingers.get(event.pointerId);
    if (!was) return;
    this.#fingers.set(event.pointerId, event);
    const [a, b] = [...this.#fingers.values()];
    if (a && b) {
      const gap = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
      if (this.#gap)
        this.#zoomTo((this.#zoom * gap) / this.#gap, { clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 });
      this.#gap = gap;
    } else if (this.#slides) {
      this.#slide(event);
    } else {
      this.#x += event.clientX - was.clientX;
      this.#y += event.clientY - was.clientY;
      this.#draw();
    }
  }

  #draw(): void {
    const box = this.#box();
    const clamp = (value: number, side: number) => Math.min(((this.#zoom - 1) * side) / 2, Math.max(((1 - this.#zoom) * side) / 2, value));
    this.#x = clamp(this.#x, box.width);
    this.#y = clamp(this.#y, box.height);
    const style = this.#root!.style;
    style.setProperty('--at', `${this.#at}%`);
    style.setProperty('--zoom', String(this.#zoom));
    style.setProperty('--x', `${this.#x}px`);
    style.setProperty('--y', `${this.#y}px`);
    this.#root!.classList.toggle('is-zoomed', this.#zoom > 1);
    this.#range.ariaValueText = `${Math.round(this.#at)}%`;
    this.#scale.textContent = `${Math.round(this.#zoom * 100)}%`;
  }
}

if (!customElements.get('compare-view')) customElements.define('compare-view', CompareView);
