using System.Collections.Concurrent;

namespace MemoryAspire.Index.Memories;

/// <summary>Rows of one tenant or user, in the order they came. One writer appends; anybody reads what was there.</summary>
internal sealed class RowList
{
    private int[] _rows = new int[4];
    private int _count;

    public void Add(int row)
    {
        if (_count == _rows.Length)
        {
            var larger = new int[checked(_rows.Length * 2)];
            _rows.CopyTo(larger, 0);
            Volatile.Write(ref _rows, larger);
        }

        _rows[_count] = row;
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>What has been added so far. The count is read first: the array is then at least as long.</summary>
    public ReadOnlySpan<int> Rows
    {
        get
        {
            var count = Volatile.Read(ref _count);
            return Volatile.Read(ref _rows).AsSpan(0, count);
        }
    }
}

/// <summary>The row lists of every tenant, and of every user of a tenant.</summary>
internal sealed class RowLists
{
    private readonly ConcurrentDictionary<uint, RowList> _tenants = new();
    private readonly ConcurrentDictionary<(uint Tenant, uint User), RowList> _users = new();

    public void Add(uint tenant, uint user, int row)
    {
        _tenants.GetOrAdd(tenant, static _ => new RowList()).Add(row);
        if (user != 0) _users.GetOrAdd((tenant, user), static _ => new RowList()).Add(row);
    }

    /// <summary>The narrowest list that holds all rows of a scope; 0 is any user.</summary>
    public ReadOnlySpan<int> Of(uint tenant, uint user)
    {
        RowList? list;
        if (user != 0) _users.TryGetValue((tenant, user), out list);
        else _tenants.TryGetValue(tenant, out list);
        return list is null ? default : list.Rows;
    }
}
