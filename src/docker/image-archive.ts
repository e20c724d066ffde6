const block = 512;

/**
 * What `docker load` takes, without a single layer: an engine that has the layers already reads none of them. All it needs
 * is a path for each.
 */
export function configOnlyArchive(config: object, layers: number, reference: string): Buffer {
  const manifest = [
    {
      Config: 'config.json',
      RepoTags: [reference],
      Layers: Array.from({ length: layers }, (_, index) => `${index}/layer.tar`),
    },
  ];
  return Buffer.concat([
    file('config.json', JSON.stringify(config)),
    file('manifest.json', JSON.stringify(manifest)),
    Buffer.alloc(2 * block),
  ]);
}

/** One file of a POSIX tar: header, content, padding. */
function file(name: string, text: string): Buffer {
  const content = Buffer.from(text);
  const header = Buffer.alloc(block);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${octal(content.length, 11)}\0`, 124);
  header.write(`${octal(0, 11)}\0`, 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  header.write(
    `${octal(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
    148,
  );
  return Buffer.concat([header, content, Buffer.alloc((block - (content.length % block)) % block)]);
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
