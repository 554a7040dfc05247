// Every page that is walked by pages.test.mjs: a row a page.
//   path      its address
//   name      what its pictures are called in build/shots
//   isOpen    for who is not signed in
//   prepare   async (page) => {}: brings it into the state that is looked at
//   hasWork   it shows what was made, when something was: then it is looked at for that as well
//   budget    kB over the line, compressed; 60 unless said
import { dialogOpen } from './studio.mjs';

const opens = (target) => (page) => dialogOpen(page, target);

export const pages = [
  { path: '/dashboard', name: 'dashboard', hasWork: true },
  { path: '/admin', name: 'admin' },
  { path: '/admin', name: 'admin-account', prepare: opens('section[aria-labelledby=accounts] .card-head .button') },
  { path: '/admin/accounts/tenant_studio', name: 'account', hasWork: true },
  { path: '/audit', name: 'audit' },
  { path: '/admin/queues', name: 'queues' },
  { path: '/settings', name: 'settings' },
  { path: '/settings', name: 'settings-key', prepare: opens('.card-head .button') },
  { path: '/upload', name: 'upload' },
  { path: '/templates', name: 'templates', hasWork: true },
  { path: '/recipe', name: 'recipe', hasWork: true },
  { path: '/batches', name: 'batches', hasWork: true },
  { path: '/jobs', name: 'jobs', hasWork: true },
  { path: '/jobs?kind=batches&state=failed', name: 'jobs-none' },
  { path: '/projects', name: 'projects', hasWork: true },
  { path: '/generate', name: 'prompt', budget: 50 },
  { path: '/studio', name: 'studio', budget: 50 },
  { path: '/brands', name: 'brands' },
  { path: '/brands', name: 'brands-new', prepare: opens('.head .button') },
  { path: '/billing', name: 'billing', hasWork: true },
  { path: '/sign-in', name: 'sign-in', isOpen: true },
  { path: '/no/such/page', name: 'missing', isOpen: true, status: 404 },
];
