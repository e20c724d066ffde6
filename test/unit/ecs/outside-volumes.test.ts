import { describe, expect, it, test } from 'vitest';
import { designMigration } from '../../../src/ecs/design-migration.ts';
import type { OutsideVolumes } from '../../../src/ecs/workload.ts';
import type { Container, DataPath, LayerEntry } from '../../../src/inventory.ts';
import { container, image, inventory, settings } from './builders.ts';

const entry = (path: string, over: Partial<LayerEntry> = {}): LayerEntry => ({
  path,
  kind: 'added',
  bytes: 1000,
  entries: 1,
  directory: false,
  looks: 'data',
  ...over,
});
const uploads = entry('/var/www/uploads', { bytes: 12_000_000, entries: 300, directory: true });
const hotFix = entry('/var/www/index.php', { kind: 'changed' });
const pid = entry('/run/x.pid', { bytes: 2, looks: 'noise' });

const overlay = { Name: 'overlay2', Data: { UpperDir: '/o/up', LowerDir: '/o/init:/o/base' } };
const at = '/run/ecsodus/shop/lifted/shop/var/www/uploads';
const found = (kind: DataPath['kind']): DataPath => ({ path: at, kind, bytes: 12_345, files: 301 });

const ours = /^(writable-layer|data-outside-volumes|committed-once|cannot-commit|outside-volumes-setting)$/;

interface Case {
  readonly layer?: readonly LayerEntry[] | undefined;
  readonly writableBytes?: number;
  readonly choice?: OutsideVolumes;
  readonly driver?: object;
  readonly data?: readonly DataPath[];
  readonly mounts?: readonly Readonly<Record<string, unknown>>[];
}

/** The one container `shop`, with a volume and what else the case says. */
function design({
  layer,
  writableBytes = 12_001_000,
  choice,
  driver = overlay,
  data = [found('directory')],
  mounts = [],
}: Case) {
  const plain = container({ name: 'shop', mounts, config: { Cmd: ['serve'] } });
  const shop: Container = { ...plain, layer, writableBytes, inspect: { ...plain.inspect, GraphDriver: driver } };
  const outsideVolumes = choice === undefined ? undefined : { shop: choice };
  const made = designMigration(inventory([shop], [image()], data), { ...settings, outsideVolumes });
  const about = made.findings.filter(({ subject, code }) => subject === 'shop' && ours.test(code));
  return {
    ...made,
    said: about.map(({ level, code }) => `${level} ${code}`),
    finding: about[0],
    row: made.accounting.find(({ setting }) => setting === 'Layer'),
    definition: made.workloads[0]?.taskDefinition.containerDefinitions?.[0],
  };
}

const volume = { volume: ['/var/www/uploads'] };
const data = 'blocker data-outside-volumes';

describe('what becomes of data outside of volumes', () => {
  it.each<[string, Case, string[], string | undefined]>([
    ['nothing written', { layer: [] }, [], undefined],
    ['only noise', { layer: [pid] }, ['info writable-layer'], 'approximated'],
    ['data and no choice', { layer: [uploads, pid] }, [data], 'lost'],
    ['a deleted file is a change too', { layer: [entry('/etc/motd', { kind: 'deleted', bytes: 0 })] }, [data], 'lost'],
    ['ignored', { layer: [uploads], choice: 'ignore' }, [], 'lost'],
    ['committed', { layer: [uploads, hotFix], choice: 'commit' }, ['warning committed-once'], 'mapped'],
    ['lifted, all of it', { layer: [uploads], choice: volume }, [], 'mapped'],
    ['lifted, noise stays', { layer: [uploads, pid], choice: volume }, ['info writable-layer'], 'mapped'],
    ['lifted, data is left', { layer: [uploads, hotFix], choice: volume }, [data], 'lost'],
    ['not checked, little', { layer: undefined, writableBytes: 100 }, ['info writable-layer'], 'lost'],
    ['not checked, much', { layer: undefined }, ['blocker writable-layer'], 'lost'],
    ['not checked, nothing', { layer: undefined, writableBytes: 0 }, [], undefined],
    ['not checked, ignored', { layer: undefined, choice: 'ignore' }, [], 'lost'],
    ['not checked, committed', { layer: undefined, choice: 'commit' }, ['warning committed-once'], 'mapped'],
    [
      'committed where containerd keeps the images',
      { layer: [uploads], choice: 'commit', driver: { Name: 'overlayfs', Data: null } },
      ['warning committed-once', 'blocker cannot-commit'],
      'mapped',
    ],
    [
      'committed on a driver without directories',
      { layer: [uploads], choice: 'commit', driver: { Name: 'vfs', Data: null } },
      ['warning committed-once'],
      'mapped',
    ],
  ])('%s', (_, given, said, outcome) => {
    const made = design(given);
    expect([made.said, made.row?.outcome]).toEqual([said, outcome]);
  });

  test('the blocker names the largest and says what to type', () => {
    const { finding } = design({ layer: [uploads, hotFix, pid] });
    expect(finding?.message).toContain('301 files with 12.0 MB outside of its volumes');
    expect(finding?.message).toContain('/var/www/uploads (12.0 MB, 300 files), /var/www/index.php (1.0 kB)');
    expect(finding?.message).not.toContain('x.pid');
    expect(finding?.remedy).toContain('"outsideVolumes: { shop: commit }"');
    expect(finding?.remedy).toContain('"outsideVolumes: { shop: { volume: /var/www/uploads } }"');
    expect(finding?.remedy).toContain('"outsideVolumes: { shop: ignore }"');
  });

  test.each([
    ['the directory of a file', [hotFix], '{ volume: /var/www }'],
    ['nothing sensible at the top', [entry('/secret')], '{ volume: PATH }'],
    ['not a directory at the top', [entry('/data', { directory: true }), uploads], '{ volume: /var/www/uploads }'],
  ])('it proposes %s', (_, layer, proposal) => {
    expect(design({ layer }).finding?.remedy).toContain(proposal);
  });

  test('what is left beside a lifted directory is asked for again', () => {
    const { finding } = design({ layer: [uploads, hotFix], choice: volume });
    expect(finding?.message).toContain('beside /var/www/uploads');
    expect(finding?.message).not.toContain('uploads (');
    expect(finding?.remedy).toContain('{ volume: [/var/www/uploads, /var/www] }');
    expect(finding?.remedy).toContain('accept: ["data-outside-volumes:shop"]');
  });

  test('five are named, the rest is counted', () => {
    const layer = Array.from({ length: 8 }, (_, index) => entry(`/srv/${index}`));
    expect(design({ layer }).finding?.message).toMatch(/\/srv\/4 \(1\.0 kB\), and 3 files with 3\.0 kB more\.$/);
  });
});

describe('a lifted directory', () => {
  test('is a volume like any other', () => {
    const { datasets, definition, workloads, row } = design({ layer: [uploads], choice: volume });
    expect(datasets).toEqual([
      {
        name: 'volumes/shop-var-www-uploads',
        kind: 'directory',
        source: at,
        target: '/data/volumes/shop-var-www-uploads',
        bytes: 12_345,
        files: 301,
        containers: ['shop'],
        liftedFrom: 'shop',
      },
    ]);
    expect(definition?.mountPoints).toEqual([
      { sourceVolume: 'shop-var-www-uploads', containerPath: '/var/www/uploads', readOnly: false },
    ]);
    expect(workloads[0]?.taskDefinition.volumes?.[0]?.dockerVolumeConfiguration?.driverOpts?.device).toBe(
      '/data/volumes/shop-var-www-uploads',
    );
    expect(row?.target).toBe('volume shop-var-www-uploads at /var/www/uploads');
  });

  test('does not take the name of a volume that is there', () => {
    const taken = { Type: 'volume', Name: 'shop-var-www-uploads', Source: '/v', Destination: '/v', RW: true };
    const { datasets } = design({
      layer: [uploads],
      choice: volume,
      mounts: [taken],
      data: [found('directory'), { ...found('directory'), path: '/v' }],
    });
    expect(datasets.map(({ name, source }) => [name, source])).toEqual([
      ['volumes/shop-var-www-uploads', '/v'],
      [expect.stringMatching(/^volumes\/shop-var-www-uploads-[0-9a-f]{8}$/), at],
    ]);
  });

  it.each<[string, Case, RegExp]>([
    ['is not there', { data: [found('missing')] }, /\/var\/www\/uploads is not there/],
    ['is a file', { data: [found('file')] }, /is a file: name the directory/],
    ['leads elsewhere', { data: [found('other')] }, /symbolic link/],
    ['is everything', { choice: { volume: ['/'] } }, /whole file system/],
    [
      'is in a volume',
      { mounts: [{ Type: 'volume', Name: 'www', Source: '/v', Destination: '/var/www', RW: true }] },
      /in the volume at \/var\/www/,
    ],
    [
      'is kept by another driver',
      { driver: { Name: 'btrfs', Data: null } },
      /storage driver is not overlay2. Write "commit"/,
    ],
  ])('is refused when it %s, and nothing mounts it', (_, given, why) => {
    const made = design({ layer: [uploads], choice: volume, ...given });
    const finding = made.findings.find(({ code }) => code === 'outside-volumes-setting');
    expect(finding).toMatchObject({ level: 'blocker', subject: 'shop', message: expect.stringMatching(why) });
    expect(made.datasets.filter(({ liftedFrom }) => liftedFrom)).toEqual([]);
    expect(JSON.stringify(made.definition?.mountPoints ?? [])).not.toContain('uploads');
    expect(made.said).toContain(data);
  });

  test('that is not there: the nearest is named', () => {
    const { findings } = design({
      layer: [{ ...uploads, path: '/var/www/upload' }],
      choice: volume,
      data: [found('missing')],
    });
    expect(findings.find(({ code }) => code === 'outside-volumes-setting')?.remedy).toBe(
      'Did you mean "/var/www/upload"?',
    );
  });
});

describe('a committed container', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => container({ name })) as [Container, Container, Container];
  const made = designMigration(inventory([a, b, c]), { ...settings, outsideVolumes: { a: 'commit', c: 'commit' } });
  const imageOf = (name: string) =>
    made.workloads
      .flatMap(({ taskDefinition }) => taskDefinition.containerDefinitions ?? [])
      .find((each) => each.name === name)?.image;

  test('starts from an image of its own, by a name that says which and what', () => {
    const short = a.id.slice(0, 12);
    expect(imageOf('a')).toBe(`${settings.registry}/shop/app:aaaaaaaaaaaa-${short}`);
    expect(imageOf('b')).toBe(`${settings.registry}/shop/app:aaaaaaaaaaaa`);
    expect(made.images.map(({ tag, committedFrom }) => [tag.length, committedFrom])).toEqual([
      [12, undefined],
      [25, 'a'],
      [25, 'c'],
    ]);
  });

  test('an image that only committed containers had is not pushed by itself', () => {
    const { images } = designMigration(inventory([a]), { ...settings, outsideVolumes: { a: 'commit' } });
    expect(images.map(({ committedFrom }) => committedFrom)).toEqual(['a']);
  });
});

test.each([
  ['shpo', 'Did you mean "shop"?'],
  ['something-else', 'Mend that line'],
])('a setting for %s, which is not there', (name, remedy) => {
  const { findings } = designMigration(inventory([container({ name: 'shop' })]), {
    ...settings,
    outsideVolumes: { [name]: 'ignore' },
  });
  const finding = findings.find(({ code }) => code === 'outside-volumes-setting');
  expect(finding).toMatchObject({ level: 'blocker', subject: name, remedy: expect.stringContaining(remedy) });
});
