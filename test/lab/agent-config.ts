import type { Attribute, Resource } from '@aws-sdk/client-ecs';
import type { Machine } from './moto-state.ts';

export type EcsConfig = Readonly<Record<string, string>>;

/** Raw KEY=VALUE lines: quotes stay part of the value, as the agent's init program reads them. */
export function parseConfig(text: string): EcsConfig {
  const lines = text.split('\n').map((line) => line.trim());
  const pairs = lines.filter((line) => line.includes('=') && !line.startsWith('#'));
  return Object.fromEntries(pairs.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** Go's durations: 3h, 1m30s, 500ms. */
export function durationMs(text: string | undefined, fallbackMs: number): number {
  const parts = [...(text ?? '').matchAll(/([0-9.]+)(ms|s|m|h)/g)];
  if (parts.length === 0) return fallbackMs;
  const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * unitMs[unit as keyof typeof unitMs], 0);
}

/** What an instance type's memory is short of in MemTotal: the kernel keeps about this much of it. */
const usable = 0.955;
const reservedPorts = '[22, 2375, 2376, 51678, 51679]';

export function totalResources({ vcpus, memoryMib }: Machine, config: EcsConfig): Resource[] {
  const memory = Math.floor(memoryMib * usable) - Number(config.ECS_RESERVED_MEMORY ?? 0);
  const ports = (list: string | undefined, otherwise: string): string[] =>
    (JSON.parse(list ?? otherwise) as number[]).map(String);
  return [
    { name: 'CPU', type: 'INTEGER', integerValue: vcpus * 1024 },
    { name: 'MEMORY', type: 'INTEGER', integerValue: memory },
    { name: 'PORTS', type: 'STRINGSET', stringSetValue: ports(config.ECS_RESERVED_PORTS, reservedPorts) },
    { name: 'PORTS_UDP', type: 'STRINGSET', stringSetValue: ports(config.ECS_RESERVED_PORTS_UDP, '[]') },
  ];
}

/** Capabilities, and at the first registration the operator's own attributes. */
export function attributes(config: EcsConfig, isFirst: boolean): Attribute[] {
  const capability = 'com.amazonaws.ecs.capability.';
  const drivers = config.ECS_AVAILABLE_LOGGING_DRIVERS ?? '["json-file","syslog","awslogs","fluentd","none"]';
  const own = JSON.parse((isFirst && config.ECS_INSTANCE_ATTRIBUTES) || '{}') as Record<string, string>;
  return [
    ...(JSON.parse(drivers) as string[]).map((driver) => ({ name: `${capability}logging-driver.${driver}` })),
    ...(config.ECS_DISABLE_PRIVILEGED === 'true' ? [] : [{ name: `${capability}privileged-container` }]),
    ...(config.ECS_APPARMOR_CAPABLE === 'true' ? [{ name: `${capability}apparmor` }] : []),
    ...(config.ECS_SELINUX_CAPABLE === 'true' ? [{ name: `${capability}selinux` }] : []),
    { name: `${capability}docker-remote-api.1.21` },
    ...Object.entries(own).map(([name, value]) => ({ name, value })),
  ];
}
