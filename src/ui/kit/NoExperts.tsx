/** In the place of what a dense model does not have. */
export function NoExperts() {
  return <p className="empty">This model has no MoE layer.</p>;
}
