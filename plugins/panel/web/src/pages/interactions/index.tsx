import './interactions.css';
import { Route, Switch } from 'wouter-preact';
import { Detail } from './detail.tsx';
import { List } from './list.tsx';

/** Interações: the list, and one of them. */
export default function InteractionsPage() {
  return (
    <Switch>
      <Route path="/interacoes/:id">{({ id }) => <Detail key={id} id={id} />}</Route>
      <Route>
        <List />
      </Route>
    </Switch>
  );
}
