import { Component, type ReactNode, Suspense } from 'react';

interface LoadedProps {
  /** Shown while the code loads. */
  fallback: ReactNode;
  /** What has failed, for the message: "These charts". */
  name: string;
  children: ReactNode;
}

/**
 * Holds what is loaded when it is needed. Where that fails (no network, or a new version was put up
 * since the page was opened), or the part itself does, the rest of the page goes on.
 */
export class Loaded extends Component<LoadedProps, { message: string | null }> {
  override state = { message: null };

  static getDerivedStateFromError(error: unknown) {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  override render() {
    const { fallback, name, children } = this.props;
    const { message } = this.state;
    if (message === null) return <Suspense fallback={fallback}>{children}</Suspense>;
    return (
      <div className="panel" role="alert">
        <p>
          {name} could not be shown: {message}. A run that is open goes on; copy its link or save a
          checkpoint before you load the page again.
        </p>
        <button type="button" className="btn small" onClick={() => location.reload()}>
          Load the page again
        </button>
      </div>
    );
  }
}
