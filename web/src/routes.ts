// Every page: its address, the words it needs, where it stands in the navigation. src/door/web/web.c has the same addresses.
import type { ComponentType } from 'preact';
import type { Key, Namespace } from './core/i18n.ts';
import type { IconName } from './parts/Icon.tsx';

export type Group = 'create' | 'library' | 'account';
export const groups: readonly Group[] = ['create', 'library', 'account'];
export interface PageProps {
  values: Record<string, string>; // of the address: {id} of "/batches/:id"
}

export interface Route {
  path: string;
  words: readonly Namespace[];
  load: () => Promise<{ default: ComponentType<PageProps> }>;
  isOpen?: boolean; // for who is not signed in
  isBare?: boolean; // without navigation
  right?: string; // shown in the navigation to who has it
  nav?: { group: Group; icon: IconName; key: Key<'house'>; inBar?: boolean }; // inBar: of the five at the foot of a phone
}

export const routes: readonly Route[] = [
  { path: '/dashboard', words: ['dashboard', 'upload'], load: () => import('./pages/Dashboard.tsx'), nav: { group: 'create', icon: 'home', key: 'nav.dashboard', inBar: true } },
  { path: '/upload', words: ['upload'], load: () => import('./pages/Upload.tsx'), right: 'projects:read', nav: { group: 'create', icon: 'upload', key: 'nav.upload', inBar: true } },
  { path: '/templates', words: ['templates'], load: () => import('./pages/Templates.tsx'), right: 'templates:read', nav: { group: 'create', icon: 'templates', key: 'nav.templates' } },
  { path: '/recipe', words: ['recipe'], load: () => import('./pages/Recipe.tsx'), right: 'projects:write', nav: { group: 'create', icon: 'sliders', key: 'nav.recipe' } },
  { path: '/batches/:id', words: ['batch', 'zip'], load: () => import('./pages/Batch.tsx') },
  { path: '/batches', words: ['batch'], load: () => import('./pages/Batches.tsx'), right: 'batches:read', nav: { group: 'library', icon: 'stack', key: 'nav.batches', inBar: true } },
  { path: '/generate', words: ['prompt'], load: () => import('./pages/Prompt.tsx'), right: 'images:read', nav: { group: 'create', icon: 'sparkle', key: 'nav.prompt', inBar: true } },
  { path: '/studio', words: ['prompt'], load: () => import('./pages/Prompt.tsx'), right: 'images:read' },
  { path: '/projects/:id', words: ['projects', 'recipe', 'zip'], load: () => import('./pages/Project.tsx') },
  { path: '/projects', words: ['projects'], load: () => import('./pages/Projects.tsx'), right: 'projects:read', nav: { group: 'library', icon: 'folder', key: 'nav.projects' } },
  { path: '/jobs', words: ['jobs'], load: () => import('./pages/Jobs.tsx'), right: 'jobs:read', nav: { group: 'library', icon: 'list', key: 'nav.jobs' } },
  { path: '/brands', words: ['brands'], load: () => import('./pages/Brands.tsx'), right: 'brands:read', nav: { group: 'library', icon: 'tag', key: 'nav.brands' } },
  { path: '/billing', words: ['billing'], load: () => import('./pages/Billing.tsx'), right: 'billing:read', nav: { group: 'account', icon: 'card', key: 'nav.billing' } },
  { path: '/settings', words: ['settings'], load: () => import('./pages/Settings.tsx'), nav: { group: 'account', icon: 'gear', key: 'nav.settings' } },
  { path: '/admin', words: ['admin'], load: () => import('./pages/Admin.tsx'), right: 'tenants:admin', nav: { group: 'account', icon: 'shield', key: 'nav.admin' } },
  { path: '/admin/accounts/:id', words: ['admin'], load: () => import('./pages/Account.tsx'), right: 'tenants:admin' },
  { path: '/audit', words: ['audit'], load: () => import('./pages/Audit.tsx'), right: 'audit:read', nav: { group: 'account', icon: 'list', key: 'nav.audit' } },
  { path: '/admin/queues', words: ['queues'], load: () => import('./pages/Queues.tsx'), right: 'queues:admin', nav: { group: 'account', icon: 'chart', key: 'nav.queues' } },
  { path: '/sign-in', words: ['entry'], load: () => import('./pages/SignIn.tsx'), isOpen: true, isBare: true },
  { path: '/first-run', words: ['entry'], load: () => import('./pages/FirstRun.tsx'), isOpen: true, isBare: true },
];

/** Where whoever opens "/" is led. */
export const start = '/dashboard';

export const missing: Route = { path: '', words: ['entry'], load: () => import('./pages/Missing.tsx'), isOpen: true };
