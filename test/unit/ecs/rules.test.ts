import { describe, expect, it } from 'vitest';
import { rules } from '../../../src/ecs/rules.ts';
import { designOf } from './builders.ts';
import { config } from './rule-rows/config.ts';
import { lifecycle } from './rule-rows/lifecycle.ts';
import { network } from './rule-rows/network.ts';
import { resources } from './rule-rows/resources.ts';
import { mib, type Row } from './rule-rows/row.ts';
import { security } from './rule-rows/security.ts';

const rows = [...config, ...resources, ...security, ...network, ...lifecycle];

const partsOf = ({ setting, value, host, image, env }: Row) => {
  const [section = '', key = ''] = setting.split('.');
  const own = { [key]: value };
  return {
    config: section === 'Config' ? own : {},
    host: { ...host, ...(section === 'HostConfig' ? own : {}) },
    ...(image && { image }),
    ...(env && { env }),
  };
};

/** The same container without the setting. */
const without = (row: Row) => {
  const { config: _config, ...parts } = partsOf(row);
  return { ...parts, host: row.host ?? {} };
};

describe('a setting becomes', () => {
  it.each(rows.map((row) => [row.setting, JSON.stringify(row.value), row.outcome, row] as const))(
    '%s %s: %s',
    (_s, _v, outcome, row) => {
      const { definition, workload, row: find, codes } = designOf(partsOf(row));
      const found = find(row.at === undefined ? row.setting : `${row.setting}.${row.at}`);
      expect(found).toMatchObject({ outcome, ...(row.shown !== undefined && { value: row.shown }) });
      if (row.note) expect(found?.note).toMatch(row.note);
      if (outcome !== 'mapped') expect(found?.note).not.toBe('');
      expect(workload.taskDefinition).toMatchObject(row.task ?? {});
      if (row.gives) expect(definition).toMatchObject(row.gives);
      else if (outcome === 'lost') expect(definition).toEqual(designOf(without(row)).definition);
      if (row.code === undefined) expect(codes).toEqual([]);
      else expect(codes).toContain(row.code);
    },
  );

  it('every setting has such a row, or tests of its own', () => {
    const elsewhere = ['Platform', 'Mounts', 'NetworkSettings.Networks']; // parse-inspect, mounts, endpoints
    const tested = new Set([...rows.map(({ setting }) => setting), ...elsewhere]);
    expect(Object.keys(rules).filter((setting) => !tested.has(setting))).toEqual([]);
  });
});

describe('a default is not accounted for', () => {
  it.each([
    ['HostConfig.MemorySwap', { Memory: 64 * mib, MemorySwap: 128 * mib }],
    ['HostConfig.ShmSize', { ShmSize: 64 * mib }],
    ['HostConfig.IpcMode', { IpcMode: 'private' }],
    ['HostConfig.CgroupnsMode', { CgroupnsMode: 'private' }],
    ['HostConfig.PidsLimit', { PidsLimit: -1 }],
    ['HostConfig.Runtime', { Runtime: 'runc' }],
    ['HostConfig.MaskedPaths', { MaskedPaths: null }],
    ['HostConfig.SecurityOpt', { SecurityOpt: ['label=disable'], Privileged: true }],
    ['HostConfig.Devices', { Devices: [] }],
    ['HostConfig.NetworkMode', { NetworkMode: 'bridge' }],
  ])('%s', (setting, host) => {
    expect(designOf({ host }).row(setting)).toBeUndefined();
  });

  it('nor what the image says already', () => {
    const own = { User: 'app', Labels: { tier: 'x' }, Healthcheck: { Test: ['CMD', 'true'] }, StopSignal: 'SIGQUIT' };
    const { definition, design } = designOf({ config: own, image: own, env: ['A=1'], imageEnv: ['A=1'] });
    expect(design.accounting.map(({ setting }) => setting).sort()).toEqual([
      'HostConfig.LogConfig',
      'HostConfig.RestartPolicy',
    ]);
    expect(definition).not.toHaveProperty('healthCheck');
    expect(definition).not.toHaveProperty('environment');
  });
});

it('a host name that an image remembers of another container is none', () => {
  expect(designOf({ image: { Hostname: '5483c672e37f' } }).definition).not.toHaveProperty('hostname');
});

it('nor is that of the container whose network it shares', () => {
  const { definition } = designOf({
    config: { Hostname: '5483c672e37f' },
    host: { NetworkMode: 'container:5483c672e37f' },
  });
  expect(definition).not.toHaveProperty('hostname');
});

describe('entry point and command (§1.1)', () => {
  const image = { Entrypoint: ['/entry'], Cmd: ['serve'] };
  it.each([
    ['as the image', { Entrypoint: ['/entry'], Cmd: ['serve'] }, {}],
    ['another command', { Entrypoint: ['/entry'], Cmd: ['work'] }, { command: ['work'] }],
    ['another entry point', { Entrypoint: ['/other'], Cmd: ['serve'] }, { entryPoint: ['/other'], command: ['serve'] }],
    ['another entry point, no command', { Entrypoint: ['/other'], Cmd: null }, { entryPoint: ['/other'] }],
    ['no command where the image has one', { Entrypoint: ['/entry'], Cmd: [] }, { entryPoint: ['/entry'] }],
    ['the entry point reset', { Entrypoint: null, Cmd: ['sh', '-x'] }, { entryPoint: ['sh'], command: ['-x'] }],
    ['the entry point reset the old way', { Entrypoint: [''], Cmd: ['sh'] }, { entryPoint: ['sh'] }],
  ])('%s', (_, config, expected) => {
    const { entryPoint, command } = designOf({ config, image }).definition;
    expect({ ...(entryPoint && { entryPoint }), ...(command && { command }) }).toEqual(expected);
  });
});

describe('base', () => {
  it('writes out Docker’s stop timeout, and no CPU', () => {
    const { definition, workload } = designOf({ host: { Memory: 64 * mib } });
    expect(definition).toMatchObject({ cpu: 0, essential: true, stopTimeout: 10, memory: 64 });
    expect(workload.sampledMemory).toEqual([]);
  });
});
