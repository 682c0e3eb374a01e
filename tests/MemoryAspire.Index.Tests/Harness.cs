using System.Diagnostics.Metrics;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Index.Events;
using MemoryAspire.Index.Searching;
using MemoryAspire.Index.Volumes;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using static MemoryAspire.Index.Tests.Events;

namespace MemoryAspire.Index.Tests;

/// <summary>An index in a directory of its own, which can be closed and opened again.</summary>
internal sealed class Harness : IAsyncDisposable
{
    public static readonly Incarnation Incarnation = new(7);
    public const long Generation = 1;

    private readonly Meters _meters = new();
    private readonly bool _keep;

    private Harness(IndexOptions options, bool keep)
    {
        Options = options;
        _keep = keep;
    }

    public IndexOptions Options { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public FakeLogger Logger { get; } = new();

    public SemanticIndex Index { get; private set; } = null!;

    /// <summary>A directory that may be made to fail.</summary>
    public FailingVolume? Volume { get; private set; }

    public static async Task<Harness> OpenAsync(int dimension = 4, Action<IndexOptions>? configure = null, string? directory = null)
    {
        var options = new IndexOptions
        {
            Directory = directory ?? Directory.CreateTempSubdirectory("memory-index-").FullName,
            CapacityMax = 10_000,
            SnapshotInterval = TimeSpan.FromHours(1),
        };
        configure?.Invoke(options);
        var harness = new Harness(options, directory is not null);
        await harness.ReopenAsync();
        await harness.Index.AdoptAsync(new IndexIdentity(Incarnation, Generation, dimension), Stop);
        return harness;
    }

    /// <summary>Closes gracefully and opens what is in the directory.</summary>
    public async Task ReopenAsync()
    {
        if (Index is not null) await Index.DisposeAsync();
        Index = SemanticIndex.Open(Options, Time, _meters, Logger, volume => Volume = new FailingVolume(volume));
        await Index.LoadAsync(Stop);
    }

    public Task ApplyAsync(params IReadOnlyList<IndexEvent> events) => Index.ApplyAsync(Incarnation, Generation, events, Stop);

    public SearchResult Search(SearchQuery query) => Index.Search(Incarnation, Generation, query, Stop);

    public async ValueTask DisposeAsync()
    {
        await Index.DisposeAsync();
        _meters.Dispose();
        if (!_keep) Directory.Delete(Options.Directory, recursive: true);
    }

    private sealed class Meters : IMeterFactory
    {
        private readonly List<Meter> _meters = [];

        public Meter Create(MeterOptions options)
        {
            var meter = new Meter(options);
            _meters.Add(meter);
            return meter;
        }

        public void Dispose() => _meters.ForEach(meter => meter.Dispose());
    }
}

/// <summary>A volume whose disk can be filled.</summary>
internal sealed class FailingVolume(IVolume inner) : IVolume
{
    /// <summary>Bytes that still fit; null: any number.</summary>
    public long? Room { get; set; }

    public Stream? Open(string name) => inner.Open(name);

    public void Replace(string name, Action<Stream> write) =>
        inner.Replace(name, stream => write(Room is { } room ? new FullStream(stream, room) : stream));

    private sealed class FullStream(Stream inner, long room) : MemoryStream
    {
        private long _room = room;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _room -= buffer.Length;
            if (_room < 0) throw new IOException("No space left on device");
            inner.Write(buffer);
        }
    }
}
