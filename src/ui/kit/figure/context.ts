import { createContext } from 'react';

/** What a drawing knows of the figure around it. */
export const FigureContext = createContext<{ title: string }>({ title: 'Figure' });

/** The heading of a figure: below that of its view, or of its run where there are two. */
export const LevelContext = createContext<'h3' | 'h4'>('h3');
