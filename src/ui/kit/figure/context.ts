import { createContext } from 'react';

/** What a drawing knows of the figure around it. */
export const FigureContext = createContext<{ title: string }>({ title: 'Figure' });
