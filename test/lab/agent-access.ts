import { ECR } from '@aws-sdk/client-ecr';
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { SSM } from '@aws-sdk/client-ssm';
import type { AuthConfig } from 'dockerode';
import { aws } from './lab.ts';
import type { MotoState } from './moto-state.ts';

const registry = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/([^:@]+)/;

/** How a stoppedReason begins when a secret cannot be read. */
const noSecrets = 'unable to pull secrets or registry auth: ';

/** Fetches what a task needs from AWS, as far as the task's or the instance's role may. */
export class AgentAccess {
  readonly #moto: MotoState;
  readonly #ssm: SSM;
  readonly #secretsManager: SecretsManager;
  readonly #ecr: ECR;

  constructor(moto: MotoState, endpoint: string) {
    const client = { endpoint, region: aws.region, credentials: aws };
    this.#moto = moto;
    this.#ssm = new SSM(client);
    this.#secretsManager = new SecretsManager(client);
    this.#ecr = new ECR(client);
  }

  /** The container's secrets by variable; throws with the words of a stoppedReason. */
  async secrets({ secrets = [] }: ContainerDefinition, roleArn: string | null): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const { name = '', valueFrom = '' } of secrets) found[name] = await this.#value(valueFrom, roleArn);
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

  async #value(valueFrom: string, roleArn: string | null): Promise<string> {
    const role = roleArn?.split('/').at(-1) ?? null;
    return valueFrom.includes(':secretsmanager:') ? this.#secret(valueFrom, role) : this.#parameter(valueFrom, role);
  }

  async #parameter(valueFrom: string, role: string | null): Promise<string> {
    const [, name = valueFrom] = /:parameter(\/.*)$/.exec(valueFrom) ?? [];
    const arn = `arn:aws:ssm:${aws.region}:${aws.accountId}:parameter/${name.replace(/^\//, '')}`;
    await this.#demand(role, 'ssm:GetParameters', arn, noSecrets);
    const { Parameters = [] } = await this.#ssm.getParameters({ Names: [name], WithDecryption: true });
    const value = Parameters[0]?.Value;
    if (value !== undefined) return value;
    throw new Error(
      `${noSecrets}Fetching secret data from SSM Parameter Store in ${aws.region}: invalid parameters: [${name}]`,
    );
  }

  /** The role is asked for the ARN as it is given: without its six characters a policy on `NAME-??????` does not allow it. */
  async #secret(arn: string, role: string | null): Promise<string> {
    if (arn.split(':').length !== 7) throw new Error(`${noSecrets}the lab reads whole secrets only, no keys: ${arn}`);
    await this.#demand(role, 'secretsmanager:GetSecretValue', arn, noSecrets);
    try {
      return (await this.#secretsManager.getSecretValue({ SecretId: arn })).SecretString ?? '';
    } catch (error) {
      const { name, message } = error as Error;
      const what = `Fetching secret data from AWS Secrets Manager in region ${aws.region}: secret ${arn}`;
      throw new Error(`${noSecrets}${what}: ${name}: ${message}`);
    }
  }

  async #demand(role: string | null, action: string, resource: string, prefix = ''): Promise<void> {
    if (role && (await this.#moto.permits(role, action, resource))) return;
    const who = role ? `arn:aws:sts::${aws.accountId}:assumed-role/${role}` : 'no role';
    throw new Error(
      `${prefix}AccessDeniedException: User: ${who} is not authorized to perform: ${action} on resource: ${resource}`,
    );
  }
}
