import { connect } from '../state/connect.ts';
import { mount } from './mount.tsx';
import { VIEW_FIELDS } from './views/registry.ts';
import { ROOMS } from './views/rooms.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no element #root');
const embedRooms = ROOMS.filter(({ chrome }) => chrome === 'none').map(({ id }) => id);
mount(root, connect(window, { viewFields: VIEW_FIELDS, embedRooms }));
