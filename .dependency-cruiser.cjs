/** The rooms of the house: who may import whom (.devdocs/architecture.md says why). */
const engineRooms = 'media|storage|providers|events|jobs|sample';
/** Folders of api/providers that are no vendor's. */
const forAllVendors = 'image|lipsync|video|paid|process|webhook';
const test = '(\\.test\\.ts$|/test/)';
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from, pathNot: test },
  to: { path: '^(api|db|scripts|ui)/', pathNot: allowed },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^bun(:|$)' },
    },
    {
      name: 'no-dev-dependencies-in-the-product',
      severity: 'error',
      from: { path: '^(api|db)/', pathNot: test },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    only('shared-imports-the-contract-alone', '^api/shared/', '^api/(shared|contract)/'),
    only('contract-imports-only-valibot', '^api/contract/', '^api/contract/'),
    {
      name: 'contract-uses-valibot-alone',
      severity: 'error',
      from: { path: '^api/contract/', pathNot: test },
      to: { dependencyTypes: ['npm', 'npm-dev', 'core'], pathNot: 'node_modules/valibot/' },
    },
    only('drawing-imports-shared-alone', '^api/drawing/', '^api/(drawing|shared)/'),
    {
      name: 'nothing-in-api-imports-scripts',
      severity: 'error',
      from: { path: '^(api|db)/' },
      to: { path: '^scripts/' },
    },
    only('db-imports-nothing-of-ours', '^db/', '^(db|api/shared)/'),
    {
      name: 'engine-rooms-stand-alone',
      severity: 'error',
      from: { path: `^api/(${engineRooms})/`, pathNot: test },
      to: { path: '^(api|db|scripts|ui)/', pathNot: '^api/(shared|contract|drawing|$1)/' },
    },
    {
      name: 'vendors-are-known-by-their-list',
      severity: 'error',
      from: { path: '^api/', pathNot: `^api/providers/|${test}` },
      to: { path: '^api/providers/[^/]+/', pathNot: `^api/providers/(${forAllVendors})/` },
    },
    {
      name: 'no-vendor-imports-another',
      severity: 'error',
      from: { path: '^api/providers/([^/]+)/', pathNot: test },
      to: { path: '^api/providers/[^/]+/', pathNot: `^api/providers/($1|${forAllVendors})/` },
    },
    only(
      'rules-are-pure',
      '^api/(features|http|library|provider-work)/.*\\.rules\\.ts$',
      '^api/(shared|contract)/|\\.rules\\.ts$',
    ),
    only('library-imports-contract-shared-and-db', '^api/library/', '^(api/(library|contract|shared)|db)/'),
    only(
      'provider-work-knows-no-feature',
      '^api/provider-work/',
      `^(api/(provider-work|library|contract|shared|${engineRooms})|db)/`,
    ),
    {
      name: 'no-feature-imports-another',
      severity: 'error',
      from: { path: '^api/features/([^/]+)/' },
      to: { path: '^api/features/', pathNot: '^api/features/$1/' },
    },
    only(
      'features-import-what-is-below',
      '^api/features/',
      `^(api/(features|library|http|provider-work|work|contract|shared|${engineRooms})|db)/`,
    ),
    only('work-knows-no-feature', '^api/work/', `^(api/(work|contract|shared|${engineRooms})|db)/`),
    only('http-knows-no-feature', '^api/http/', `^api/(http|contract|shared|${engineRooms})/`),
    {
      name: 'engine-rooms-are-passed-in',
      severity: 'error',
      from: { path: '^api/(features|http|library|provider-work|work)/', pathNot: test },
      to: { path: `^api/(${engineRooms})/`, dependencyTypesNot: ['type-only'] },
    },
    only(
      'repositories-know-the-database',
      '^api/(features|library|provider-work)/.*\\.repository\\.ts$',
      '^api/(shared|contract)/|^db/|\\.(rules|repository)\\.ts$',
    ),
    {
      name: 'routes-go-through-usecases',
      severity: 'error',
      from: { path: '^api/features/.*\\.routes\\.ts$', pathNot: test },
      to: { path: `^api/(${engineRooms})/|\\.repository\\.ts$`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'features-are-listed',
      severity: 'error',
      from: { path: '^api/features/index\\.ts$' },
      to: { path: '^api/features/[^/]+/feature\\.ts$', reachable: false },
    },
    {
      name: 'only-the-roots-compose',
      severity: 'error',
      from: { path: '^api/', pathNot: `^api/(services|app|main)\\.ts$|^api/composition/|${test}` },
      to: { path: '^api/(services|app|main|config)\\.ts$', dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: 'specify',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['bun', 'import', 'types', 'default'],
    },
  },
};
