import { isCidr, isInNetworks } from './cidr.ts';

describe('CIDR networks', () => {
  it.each(['203.0.113.0/24', '203.0.113.7', '0.0.0.0/0', '2001:db8::/32', '::1', '2001:db8::1/128'])(
    'takes %s',
    (text) => {
      expect(isCidr(text)).toBe(true);
    },
  );

  it.each([
    '',
    '203.0.113.0/33',
    '203.0.113.0/-1',
    '203.0.113.0/',
    '203.0.113/24',
    '203.0.113.256',
    '2001:db8::/129',
    'fe80::1%eth0',
    'localhost',
    '203.0.113.0/24 ',
    '0x7f.1',
    7,
    null,
  ])('refuses %p', (value) => {
    expect(isCidr(value)).toBe(false);
  });

  it.each([
    ['203.0.113.7', ['203.0.113.0/24'], true],
    ['203.0.114.7', ['203.0.113.0/24'], false],
    ['203.0.113.7', ['198.51.100.0/24', '203.0.113.7'], true],
    ['203.0.113.8', ['203.0.113.7'], false],
    ['::ffff:203.0.113.7', ['203.0.113.0/24'], true],
    ['2001:db8::5', ['2001:db8::/32'], true],
    ['2001:db9::5', ['2001:db8::/32'], false],
    ['203.0.113.7', ['::/0'], false],
    ['fe80::1%eth0', ['fe80::/10'], true],
    ['', ['0.0.0.0/0', '::/0'], false],
    ['not an address', ['0.0.0.0/0'], false],
    ['203.0.113.7', [], false],
    ['203.0.113.7', ['nonsense'], false],
  ])('%s in %j: %p', (address, networks, expected) => {
    expect(isInNetworks(address, networks)).toBe(expected);
  });
});
