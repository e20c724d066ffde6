import { ECR } from '@aws-sdk/client-ecr';
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { SSM } from '@aws-sdk/client-ssm';
import type { AuthConfig } from 'dockerode';
import { aws } from './lab.ts';
import type { MotoState } from './moto-state.ts';

const registry = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/([^:@]+)/;

/** Fetches what a task needs from AWS, as far as the task's or the instance's role may. */
export class AgentAccess {
  readonly #moto: MotoState;
  readonly #ssm: SSM;
  readonly #ecr: ECR;

  constructor(moto: MotoState, endpoint: string) {
    const client = { endpoint, region: aws.region, credentials: aws };
    this.#moto = moto;
    this.#ssm = new SSM(client);
    this.#ecr = new ECR(client);
  }

  /** The container's secrets by variable; throws with the words of a stoppedReason. */
  async secrets({ secrets = [] }: ContainerDefinition, roleArn: string | null): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const { name = '', valueFrom = '' } of secrets) found[name] = await this.#parameter(valueFrom, roleArn);
    return found;
  }

  /** Credentials for an image, none for one that is not in ECR. */
  async pullCredentials(image: string, role: string | null): Promise<AuthConfig | undefined> {
    const [, account, region, repository] = registry.exec(image) ?? [];
    if (!account) return undefined;
    await this.#demand(role, 'ecr:GetAuthorizationToken', '*');
    await this.#demand(role, 'ecr:BatchGetImage', `arn:aws:ecr:${region}:${account}:repository/${repository}`);
    const { authorizationData } = await this.#ecr.getAuthorizationToken({});
    const [{ authorizationToken = '', proxyEndpoint = '' } = {}] = authorizationData ?? [];
    const [username = '', password = ''] = Buffer.from(authorizationToken, 'base64').toString().split(/:(.*)/s);
    return { username, password, serveraddress: proxyEndpoint };
  }

  async #parameter(valueFrom: string, roleArn: string | null): Promise<string> {
    const prefix = 'unable to pull secrets or registry auth: ';
    if (valueFrom.startsWith('arn:') && !valueFrom.includes(':ssm:'))
      throw new Error(`${prefix}the lab has no Secrets Manager: ${valueFrom}`);
    const [, name = valueFrom] = /:parameter(\/.*)$/.exec(valueFrom) ?? [];
    await this.#demand(
      roleArn?.split('/').at(-1) ?? null,
      'ssm:GetParameters',
      `arn:aws:ssm:${aws.region}:${aws.accountId}:parameter/${name.replace(/^\//, '')}`,
      prefix,
    );
    const { Parameters = [] } = await this.#ssm.getParameters({ Names: [name], WithDecryption: true });
    const value = Parameters[0]?.Value;
    if (value !== undefined) return value;
    throw new Error(
      `${prefix}Fetching secret data from SSM Parameter Store in ${aws.region}: invalid parameters: [${name}]`,
    );
  }

  async #demand(role: string | null, action: string, resource: string, prefix = ''): Promise<void> {
    if (role && (await this.#moto.permits(role, action, resource))) return;
    const who = role ? `arn:aws:sts::${aws.accountId}:assumed-role/${role}` : 'no role';
    throw new Error(
      `${prefix}AccessDeniedException: User: ${who} is not authorized to perform: ${action} on resource: ${resource}`,
    );
  }
}
