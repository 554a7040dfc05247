// Every page that is walked by pages.test.mjs: a row a page.
//   path      its address
//   name      what its pictures are called in build/shots
//   isOpen    for who is not signed in
//   prepare   async (page) => {}: brings it into the state that is looked at
//   budget    kB over the line, compressed; 60 unless said
export const pages = [
  { path: '/dashboard', name: 'dashboard' },
  { path: '/admin', name: 'admin' },
  { path: '/admin', name: 'admin-account', prepare: (page) => page.click('section[aria-labelledby=accounts] .card-head .button') },
  { path: '/admin/accounts/tenant_studio', name: 'account' },
  { path: '/audit', name: 'audit' },
  { path: '/admin/queues', name: 'queues' },
  { path: '/settings', name: 'settings' },
  { path: '/settings', name: 'settings-key', prepare: (page) => page.click('.card-head .button') },
  { path: '/upload', name: 'upload' },
  { path: '/templates', name: 'templates' },
  { path: '/recipe', name: 'recipe' },
  { path: '/batches', name: 'batches' },
  { path: '/jobs', name: 'jobs' },
  { path: '/jobs?kind=batches&state=failed', name: 'jobs-none' },
  { path: '/projects', name: 'projects' },
  { path: '/generate', name: 'prompt', budget: 50 },
  { path: '/studio', name: 'studio', budget: 50 },
  { path: '/brands', name: 'brands' },
  { path: '/brands', name: 'brands-new', prepare: (page) => page.click('.head .button') },
  { path: '/billing', name: 'billing' },
  { path: '/sign-in', name: 'sign-in', isOpen: true },
  { path: '/no/such/page', name: 'missing', isOpen: true, status: 404 },
];
