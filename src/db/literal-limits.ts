import {
  type KyselyPlugin,
  type LimitNode,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  ValueNode,
} from 'kysely'

/**
 * Writes limits into the statement. As a parameter they would be unknown when the statement is planned, and Postgres
 * would get ready for a tenth of the table: twenty rows by an index are planned otherwise than a hundred thousand.
 */
export const literalLimits: KyselyPlugin = {
  transformQuery: ({ node, queryId }: PluginTransformQueryArgs) => transformer.transformNode(node, queryId),
  transformResult: async ({ result }) => result,
}

class LimitTransformer extends OperationNodeTransformer {
  protected override transformLimit(node: LimitNode): LimitNode {
    const { limit } = node
    const isNumber = ValueNode.is(limit) && typeof limit.value === 'number'
    return isNumber ? { ...node, limit: ValueNode.createImmediate(limit.value) } : node
  }
}

const transformer = new LimitTransformer()
