import t from 'tap';
import { LLM_CHECKS, type LlmSubject, proveLlm } from '../../core/kit/index.ts';
import { referenceTests, trippedTests } from '../kit/menagerie.ts';
import { llmAnimals } from '../kit/zoo-llm/animals.ts';
import { acmeLlm } from '../kit/zoo-llm/reference.ts';
import { streamAnimals } from '../kit/zoo-llm/stream-animals.ts';
import { subjectOf } from '../kit/zoo-remote/defects.ts';
import { sharedAnimals } from '../kit/zoo-remote/shared-animals.ts';

/** A right provider answers over loopback at once; an animal is not waited for longer. */
const PATIENCE_MS = 500;

const ways = [{ id: 'complete' }, { id: 'stream' }];
const shared = sharedAnimals(acmeLlm, ways, (subject) => subject as LlmSubject);
const animals = [...shared, ...llmAnimals, ...streamAnimals];

referenceTests(t, { checks: LLM_CHECKS, prove: proveLlm, reference: subjectOf(acmeLlm), animals });
trippedTests(t, animals, (subject, options) => proveLlm(subject, { ...options, patienceMs: PATIENCE_MS }));
