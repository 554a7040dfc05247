// The look that is being put together, and what the server makes of it: a free preview some moments after the last change.
import { computed, signal } from '@preact/signals';
import { ask, Refusal, type Body } from './core/api.ts';
import { toldLoad } from './core/told.ts';
import { generationSettled } from './shoot.ts';

export type Workflow = NonNullable<Body<'/api/apps/product-photo-studio/quote'>['workflow']>;
export const backgrounds = ['remove', 'solid', 'gradient', 'template', 'ai'] as const;
export const lightings = ['none', 'auto', 'preset', 'manual'] as const;
export const presets = ['studio', 'natural', 'dramatic', 'bright', 'moody'] as const;
export const shadows = ['none', 'natural', 'drop', 'reflection'] as const;

export interface Choices {
  background: (typeof backgrounds)[number];
  color: string;
  colors: string[];
  gradient: 'linear' | 'radial';
  angle: number;
  template: string;
  prompt: string;
  isComplex: boolean;
  lighting: (typeof lightings)[number];
  preset: (typeof presets)[number];
  brightness: number;
  contrast: number;
  warmth: number;
  shadow: (typeof shadows)[number];
  opacity: number;
  blur: number;
  shadowAngle: number;
  distance: number;
  format: 'jpeg' | 'png' | 'webp';
  size: string;
}

/* What the specification begins with: white, a soft shadow at the foot. */
export const usual: Choices = {
  background: 'solid', color: '#ffffff', colors: ['#f4efe8', '#d8c9b6'], gradient: 'linear', angle: 180, template: 'studio-warm', prompt: '', isComplex: false,
  lighting: 'none', preset: 'studio', brightness: 0, contrast: 0, warmth: 0,
  shadow: 'natural', opacity: 40, blur: 50, shadowAngle: 135, distance: 20, format: 'jpeg', size: 'original',
};

export const choices = signal<Choices>(usual);
export const choose = (change: Partial<Choices>): void => {
  choices.value = { ...choices.value, ...change };
};

/** The workflow that CHOICES say, in the door's words; only what is chosen is in it. */
export function workflowOf(of: Choices): Workflow {
  const background: Record<string, unknown> = { action: of.background };
  if (of.background === 'solid') background.color = of.color;
  if (of.background === 'gradient') Object.assign(background, { colors: of.colors, gradientType: of.gradient, ...(of.gradient === 'linear' ? { angle: of.angle } : {}) });
  if (of.background === 'template') background.templateId = of.template;
  if (of.background === 'ai') Object.assign(background, { prompt: of.prompt, complexity: of.isComplex ? 'complex' : 'simple' });
  const workflow: Record<string, unknown> = { background };
  if (of.lighting !== 'none') {
    const byHand = { brightness: of.brightness, contrast: of.contrast, warmth: of.warmth };
    workflow.lighting = { mode: of.lighting, ...(of.lighting === 'preset' ? { preset: of.preset } : {}), ...(of.lighting === 'manual' ? byHand : {}) };
  }
  const isAlone = of.background === 'remove';
  if (!isAlone && of.shadow !== 'none')
    workflow.shadow = { type: of.shadow, opacity: of.opacity, blur: of.blur, ...(of.shadow === 'drop' ? { angle: of.shadowAngle, distance: of.distance } : {}) };
  workflow.export = { format: isAlone && of.format === 'jpeg' ? 'png' : of.format, ...(of.size === 'original' ? {} : { size: of.size }) };
  return workflow as Workflow;
}
export const workflow = computed(() => workflowOf(choices.value));
export const isReady = computed(() => choices.value.background !== 'ai' || choices.value.prompt.trim() !== '');

/* ---- the preview ---- */

export interface Shown {
  url: string;
  of: Choices;
}
export const shown = signal<Shown | null>(null);
export const isDrawing = signal(false);
export const previewWrong = signal<unknown>(null);

const restMs = 400;
let due: ReturnType<typeof setTimeout> | undefined;
let running: AbortController | null = null;

async function draw(projectId: string, itemId: string, of: Choices, stop: AbortController): Promise<void> {
  let begun = '';
  try {
    const reply = await ask('post', '/api/apps/product-photo-studio/items/{id}/preview', { path: { id: itemId }, body: { workflow: workflowOf(of) } as never, signal: stop.signal });
    begun = reply.generationId;
    const ended = await generationSettled(begun, projectId, stop.signal);
    const one = ended.items[0];
    if (one?.imageUrl) shown.value = { url: one.imageUrl, of };
    else {
      await toldLoad();
      previewWrong.value = new Refusal(422, one?.reason ?? 'unknown', one?.errorMessage ?? '', {}, 0, one?.errorSaid ?? null);
    }
  } catch (wrong) {
    if (!stop.signal.aborted) previewWrong.value = wrong;
    else if (begun) void ask('post', '/api/apps/product-photo-studio/generations/{id}/cancel', { path: { id: begun } }).catch(() => undefined);
  } finally {
    if (running === stop) {
      running = null;
      isDrawing.value = false;
    }
  }
}

/** Draw CHOICES on the photo soon; what was being drawn is called off. */
export function previewSoon(projectId: string, itemId: string): void {
  clearTimeout(due);
  due = setTimeout(() => {
    running?.abort();
    running = new AbortController();
    isDrawing.value = true;
    previewWrong.value = null;
    void draw(projectId, itemId, choices.value, running);
  }, restMs);
}

export function previewStop(): void {
  clearTimeout(due);
  running?.abort();
  running = null;
  isDrawing.value = false;
  shown.value = null;
}

/** What a browser can show at once of what was changed since SHOWN was drawn: light by hand, roughly. */
export function nearFilter(of: Shown, now: Choices): string {
  const by = (name: 'brightness' | 'contrast' | 'warmth'): number => (now.lighting === 'manual' ? now[name] : 0) - (of.of.lighting === 'manual' ? of.of[name] : 0);
  const [brightness, contrast, warmth] = [by('brightness'), by('contrast'), by('warmth')];
  if (!brightness && !contrast && !warmth) return 'none';
  return `brightness(${1 + brightness / 250}) contrast(${1 + contrast / 200}) sepia(${Math.max(0, warmth) / 250}) hue-rotate(${Math.min(0, warmth) / 12}deg)`;
}
