import { PeopleStore } from './people-store.ts';
import { peopleChangesSuite } from './testing/people-changes-suite.ts';

peopleChangesSuite('SQLite', () => {
  const store = new PeopleStore(':memory:');
  store.open();
  return { people: store, all: async () => store.users() };
});
