using System.Runtime.InteropServices;

namespace MemoryAspire.Faiss.Interop;

/// <summary>The C functions of <c>native/memoryaspire_faiss.h</c>, which says what each does.</summary>
internal static unsafe partial class Native
{
    private const string Library = "memoryaspire_faiss";

    [LibraryImport(Library, EntryPoint = "ma_error")]
    public static partial byte* Error();

    [LibraryImport(Library, EntryPoint = "ma_graph_create")]
    public static partial Status GraphCreate(int dimension, int capacity, int m, int ef, long seed, out GraphHandle graph);

    [LibraryImport(Library, EntryPoint = "ma_graph_destroy")]
    public static partial void GraphDestroy(nint graph);

    [LibraryImport(Library, EntryPoint = "ma_graph_count")]
    public static partial Status GraphCount(GraphHandle graph, out int count);

    [LibraryImport(Library, EntryPoint = "ma_graph_linked")]
    public static partial Status GraphLinked(GraphHandle graph, out int linked);

    [LibraryImport(Library, EntryPoint = "ma_graph_add")]
    public static partial Status GraphAdd(GraphHandle graph, ReadOnlySpan<float> vector, int dimension, out int node);

    [LibraryImport(Library, EntryPoint = "ma_graph_link")]
    public static partial Status GraphLink(GraphHandle graph, int most, out int unlinked);

    [LibraryImport(Library, EntryPoint = "ma_yield_to_others")]
    public static partial Status YieldToOthers();

    [LibraryImport(Library, EntryPoint = "ma_graph_vectors")]
    public static partial Status GraphVectors(GraphHandle graph, int first, int count, Span<float> vectors, long length);

    [LibraryImport(Library, EntryPoint = "ma_graph_slots")]
    public static partial Status GraphSlots(GraphHandle graph, int level, out int slots);

    [LibraryImport(Library, EntryPoint = "ma_graph_levels")]
    public static partial Status GraphLevels(GraphHandle graph, int first, int count, Span<byte> levels);

    [LibraryImport(Library, EntryPoint = "ma_graph_links")]
    public static partial Status GraphLinks(GraphHandle graph, int first, int count, int limit, Span<int> links, long length);

    [LibraryImport(Library, EntryPoint = "ma_graph_restore")]
    public static partial Status GraphRestore(GraphHandle graph, ReadOnlySpan<byte> levels, int linked, int count);

    [LibraryImport(Library, EntryPoint = "ma_graph_restore_vectors")]
    public static partial Status GraphRestoreVectors(GraphHandle graph, int first, int count, ReadOnlySpan<float> vectors, long length);

    [LibraryImport(Library, EntryPoint = "ma_graph_restore_links")]
    public static partial Status GraphRestoreLinks(GraphHandle graph, int first, int count, ReadOnlySpan<int> links, long length);

    [LibraryImport(Library, EntryPoint = "ma_graph_restore_finish")]
    public static partial Status GraphRestoreFinish(GraphHandle graph);

    [LibraryImport(Library, EntryPoint = "ma_rows_create")]
    public static partial Status RowsCreate(int nodeCapacity, int rowCapacity, out RowsHandle rows);

    [LibraryImport(Library, EntryPoint = "ma_rows_destroy")]
    public static partial void RowsDestroy(nint rows);

    [LibraryImport(Library, EntryPoint = "ma_rows_add")]
    public static partial Status RowsAdd(RowsHandle rows, in NativeRow row, out int number);

    [LibraryImport(Library, EntryPoint = "ma_rows_end")]
    public static partial Status RowsEnd(RowsHandle rows, int number, ulong died);

    [LibraryImport(Library, EntryPoint = "ma_scan")]
    public static partial Status Scan(
        GraphHandle graph, RowsHandle rows, ReadOnlySpan<int> list, long length, ReadOnlySpan<float> query, int dimension,
        in NativeFilter filter, int k, int* stop, Span<NativeHit> hits, out int count, out long matched);

    [LibraryImport(Library, EntryPoint = "ma_walk")]
    public static partial Status Walk(
        GraphHandle graph, RowsHandle rows, ReadOnlySpan<float> query, int dimension,
        in NativeFilter filter, int k, int ef, long budget, int* stop, Span<NativeHit> hits, out int count, out int complete);

    [LibraryImport(Library, EntryPoint = "ma_count")]
    public static partial Status Count(RowsHandle rows, ReadOnlySpan<int> list, long length, in NativeFilter filter, out long matched);

    [LibraryImport(Library, EntryPoint = "ma_kernels")]
    public static partial int Kernels();

    [LibraryImport(Library, EntryPoint = "ma_kernel_name")]
    public static partial byte* KernelName(int kernel);

    [LibraryImport(Library, EntryPoint = "ma_kernel_dot")]
    public static partial Status KernelDot(int kernel, ReadOnlySpan<float> left, ReadOnlySpan<float> right, int length, out float dot);

    [LibraryImport(Library, EntryPoint = "ma_code_kernels")]
    public static partial int CodeKernels();

    [LibraryImport(Library, EntryPoint = "ma_code_kernel_name")]
    public static partial byte* CodeKernelName(int kernel);

    [LibraryImport(Library, EntryPoint = "ma_code_kernel_dots")]
    public static partial Status CodeKernelDots(int kernel, ReadOnlySpan<sbyte> query, ReadOnlySpan<sbyte> codes, int count, int length, Span<int> dots);

    [LibraryImport(Library, EntryPoint = "ma_kernel_times")]
    public static partial Status KernelTimes(int dimension, out double vectors, out double codes);

    [LibraryImport(Library, EntryPoint = "ma_encode")]
    public static partial Status Encode(ReadOnlySpan<float> vector, int dimension, Span<sbyte> codes, out float scale);
}
