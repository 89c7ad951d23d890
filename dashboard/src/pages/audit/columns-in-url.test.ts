import { describe, expect, test } from 'vitest'
import { exportFields } from './columns.ts'
import { columnsOf, columnsParameter, usual, withWidth } from './columns-in-url.ts'

const columns = (cols: string) => columnsOf(new URLSearchParams({ cols }))
const ids = (cols: string) => columns(cols).map(({ id }) => id)

describe('columns of a URL', () => {
  test('are in its order, each once; what is no column is left out', () => {
    expect(ids('cost,tag:team,nothing,time,cost')).toEqual(['cost', 'tag:team', 'time'])
  })

  test('are the usual ones where it names none, and those are not written', () => {
    expect(columnsOf(new URLSearchParams())).toEqual(usual())
    expect(ids('nothing')).toEqual(usual().map(({ id }) => id))
    expect(columnsParameter(usual())).toBeNull()
    expect(columnsParameter(columns('time,cost'))).toBe('time,cost')
  })

  test('are those of an export, which begins with the id', () => {
    expect(exportFields(columns('time,model:300'))).toEqual([
      ...['requestId', 'createdAt', 'model', 'requestModel'],
    ])
  })

  test('are as wide as it says, within what can be read; the usual width is not written', () => {
    const widths = columns('time,model:240,cost:1,tag:team:90').map(({ width }) => width)
    expect(widths).toEqual([112, 240, 48, 90])
    expect(columnsParameter(columns('time:112,model:240,cost:9999'))).toBe(
      'time,model:240,cost:1600',
    )
    const wider = usual().map((column) => (column.id === 'key' ? withWidth(column, 200) : column))
    expect(columnsParameter(wider)).toMatch(/,outcome,key:200$/)
    expect(columnsOf(new URLSearchParams({ cols: columnsParameter(wider) ?? '' }))).toEqual(wider)
  })

  test.each(['tag:240', 'tag:a:240', 'tag:team'])('keep the name of %s', (id) => {
    const [column] = columns(id === 'tag:a:240' ? 'tag:a:240:0' : id)
    expect(column?.id).toBe(id)
    if (column === undefined) return
    expect(columns(columnsParameter([column]) ?? '')).toMatchObject([{ id, width: column.width }])
    const wide = withWidth(column, 300)
    expect(columns(columnsParameter([wide]) ?? '')).toMatchObject([{ id, width: 300 }])
  })
})
