import { connect } from '../state/connect.ts';
import { mount } from './mount.tsx';
import { VIEW_FIELDS } from './views/registry.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no element #root');
mount(root, connect(window, VIEW_FIELDS));
