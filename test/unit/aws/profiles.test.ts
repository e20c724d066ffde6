import { expect, it } from 'vitest';
import { profilesIn } from '../../../src/aws/profiles.ts';

const config = `[default]
region = eu-central-1
output=json

[profile work]
sso_session = it
region=us-east-1
s3 =
  region = nowhere

[profile "two words"]
[sso-session it]
region = eu-west-1
[services local]
`;

it.each([
  ['', '', []],
  [
    config,
    '',
    [
      ['default', 'eu-central-1'],
      ['work', 'us-east-1'],
      ['two words', undefined],
    ],
  ],
  [
    '',
    '[default]\naws_access_key_id = x\n[ old ]\nregion = eu-west-2',
    [
      ['default', undefined],
      ['old', 'eu-west-2'],
    ],
  ],
  [
    config,
    '[work]\r\naws_access_key_id = x\r\n[old]',
    [
      ['default', 'eu-central-1'],
      ['work', 'us-east-1'],
      ['two words', undefined],
      ['old', undefined],
    ],
  ],
])('the profiles of %j and %j', (configText, credentials, profiles) => {
  expect(profilesIn(configText, credentials).map(({ name, region }) => [name, region])).toEqual(profiles);
});
