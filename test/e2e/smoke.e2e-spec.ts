import { createTestApplication } from '../harness/application.ts';
import { exampleDefinition } from '../../src/boot/banner.ts';
it('boots', async () => {
  const t = await createTestApplication({ name: 'smoke' });
  const r = await fetch(`${t.url}/v1/audiences/estimate`, { method: 'POST', headers: { authorization: `Bearer ${t.keys.analyst}`, 'content-type': 'application/json', 'idempotency-key': 'a' }, body: JSON.stringify({ definition: exampleDefinition(), precision: 'fine' }) });
  console.log(r.status, await r.text());
  await t.close();
});
