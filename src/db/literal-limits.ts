import { type KyselyPlugin, type RootOperationNode, type SelectQueryNode, ValueNode } from 'kysely'

/**
 * Writes the limit of a query into its statement. As a parameter it would be unknown when the statement is planned, and
 * Postgres would get ready for a tenth of the table: twenty rows by an index are planned otherwise than a hundred
 * thousand. Those of queries within queries stay parameters: to find them, each statement would be copied whole.
 */
export const literalLimits: KyselyPlugin = {
  transformQuery: ({ node }) => (isLimited(node) ? withLiteralLimit(node) : node),
  transformResult: async ({ result }) => result,
}

function isLimited(node: RootOperationNode): node is SelectQueryNode {
  return node.kind === 'SelectQueryNode' && node.limit !== undefined
}

function withLiteralLimit(node: SelectQueryNode): SelectQueryNode {
  const value = node.limit?.limit
  if (!node.limit || !value || !ValueNode.is(value) || typeof value.value !== 'number') return node
  return { ...node, limit: { ...node.limit, limit: ValueNode.createImmediate(value.value) } }
}
