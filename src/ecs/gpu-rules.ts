import type { Container } from '../inventory.ts';
import { reveal } from '../secret.ts';
import { isEmpty, type Json, listOf, numberOf, recordsOf, textOf, textsOf } from './json.ts';
import { approximated, blocked, mapped, nothing, type Rule, type Verdict } from './verdict.ts';

/** Which GPUs NVIDIA's runtime gives; the ECS agent sets it to those it assigned. */
export const visibleGpus = 'NVIDIA_VISIBLE_DEVICES';

/** §1.2: GPUs are reserved by number, in one sum; they need a GPU instance and its AMI, which ecsodus does not choose. */
export const deviceRequests: Rule = (value) => {
  const requests = recordsOf(value);
  const gpus = requests.filter(isGpu);
  return [
    ...(gpus.length > 0 ? [gpuReservation(gpus)] : []),
    ...requests.filter((request) => !isGpu(request)).map(otherDevice),
  ];
};

/** ECS's GPUs are NVIDIA's. */
const isGpu = (request: Json): boolean =>
  textOf(request.Driver) === 'nvidia' || (textOf(request.Driver) === '' && capabilitiesOf(request).includes('gpu'));

const capabilitiesOf = ({ Capabilities }: Json): string[] => listOf(Capabilities).flatMap(textsOf);

/** What NVIDIA's runtime gives where nobody asks for more. */
const usual = ['gpu', 'nvidia', 'compute', 'utility'];

const otherDevice = (request: Json): Verdict =>
  blocked(
    'device-request',
    `It asks for devices by the driver ${textOf(request.Driver) || '(none)'}, which ECS does not know.`,
    'Name them as devices (--device) on the source.',
    { value: request },
  );

function gpuReservation(requests: readonly Json[]): Verdict {
  const ids = requests.flatMap(({ DeviceIDs }) => textsOf(DeviceIDs));
  const counts = requests.map(({ DeviceIDs, Count }) => textsOf(DeviceIDs).length || numberOf(Count) || 1);
  const isAll = counts.some((count) => count < 0);
  const value = isAll ? 'ALL' : String(counts.reduce((sum, count) => sum + count, 0));
  const more = requests.flatMap(capabilitiesOf).filter((capability) => !usual.includes(capability));
  const changes = [
    ...(ids.length > 0 ? [`ECS chooses which; it had ${ids.join(', ')}`] : []),
    ...(more.length > 0 ? [`without ${more.join(', ')}: set NVIDIA_DRIVER_CAPABILITIES for those`] : []),
    ...(requests.some(({ Options }) => !isEmpty(Options)) ? ['without its options'] : []),
  ];
  return gpu(value, changes.length === 0 ? undefined : changes.join('; '), requests);
}

/** Reserves GPUs. `change` says what is not as before. */
const gpu = (count: string, change: string | undefined, value: unknown): Verdict => {
  const piece = { resourceRequirements: [{ type: 'GPU' as const, value: count }] };
  return change === undefined
    ? mapped(piece, { value, finding: gpuInstance })
    : approximated(piece, change, { value, finding: gpuInstance });
};

const gpuInstance = {
  level: 'blocker',
  code: 'gpu',
  message: 'It uses a GPU: the instance must be of a GPU type with the ECS GPU AMI.',
  remedy: 'Choose such an instance yourself and accept this.',
} as const;

export const runtime: Rule = (value, { host, container }) => {
  const name = textOf(value);
  if (name !== 'nvidia') {
    const remedy = `Install ${name} on the instance as its default-runtime, and accept this.`;
    return [blocked('runtime', `It runs with the runtime ${name}.`, remedy)];
  }
  if (!isEmpty(host.DeviceRequests)) return [nothing('GPU: HostConfig.DeviceRequests')];
  return [nvidiaRuntime(container)];
};

/** Before `--gpus`, a variable said which GPUs the runtime was to give. */
function nvidiaRuntime({ env }: Container): Verdict {
  const wanted = reveal(env.find(({ name }) => name === visibleGpus)?.value ?? 'all');
  if (['', 'none', 'void'].includes(wanted)) return nothing('it gets no GPU');
  if (wanted === 'all') return gpu('ALL', undefined, 'nvidia');
  return gpu(String(wanted.split(',').length), `ECS chooses which; it had ${wanted}`, 'nvidia');
}
