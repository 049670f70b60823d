import './style/tokens.css';
import './style/frame.css';
import './style/elements.css';
import './style/parts.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { applyTheme } from './lib/theme.ts';

applyTheme();
const root = document.getElementById('app');
if (root) render(<App />, root);
