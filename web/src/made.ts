// What a picture is called by what was asked for: its template, the words of its set, its colour, its light.
import type { Answer } from './core/api.ts';
import { hasWord, words } from './core/i18n.ts';

const w = words('projects');
const look = words('recipe');
export type Variation = Answer<'/api/apps/product-photo-studio/items/{id}/variations'>['variations'][number];

interface Asked {
  background?: { action?: string; type?: string; color?: string; colour?: string; prompt?: string };
  lighting?: { mode?: string; preset?: string };
  shadow?: { type?: string };
}

function askedOf(of: Variation): Asked {
  try {
    return (JSON.parse(of.variationConfig ?? '{}') ?? {}) as Asked;
  } catch {
    return {};
  }
}

function backgroundOf({ background }: Asked): string {
  if (!background) return '';
  const kind = background.action === 'replace' ? background.type : background.action;
  const colour = background.color ?? background.colour;
  if (background.prompt) return `“${background.prompt}”`;
  if (kind === 'remove') return w('made.cutout');
  if (kind === 'solid' && colour) return w('made.colour', { colour });
  return hasWord('recipe', `background.${kind}`) ? look(`background.${kind}` as 'background.gradient') : '';
}

function lightOf({ lighting }: Asked): string {
  const name = lighting?.mode === 'preset' || !lighting?.mode ? `preset.${lighting?.preset}` : `lighting.${lighting.mode}`;
  return lighting && hasWord('recipe', name) ? `${look('lighting')}: ${look(name as 'preset.studio')}` : '';
}

const shadowOf = ({ shadow }: Asked): string =>
  (shadow && hasWord('recipe', `shadow.${shadow.type}`) ? `${look('shadow')}: ${look(`shadow.${shadow.type}` as 'shadow.drop')}` : '');

/** The name of a variation, in words of the page's language; a template is called as whoever made it did. */
export function nameOf(of: Variation): string {
  if (of.variationType === 'cutout') return w('made.cutout');
  if (of.variationType === 'upscale') return w('made.upscale');
  if (of.variationName) return of.variationName;
  const asked = askedOf(of);
  const background = backgroundOf(asked);
  const parts = background ? [background] : [lightOf(asked), shadowOf(asked)].filter(Boolean);
  const kind = `made.${of.variationType}`;
  return parts.join(' · ') || w(hasWord('projects', kind) ? (kind as 'made.background') : 'made.background');
}
