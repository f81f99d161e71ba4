/** Writes docs/refusals.md: what kubectl really prints for each refusal and warning. */
import { writeFileSync } from 'node:fs';
import { PAGE, playAll, refusalsPage } from '../test/admission/refusals.ts';

writeFileSync(PAGE, refusalsPage(await playAll()));
